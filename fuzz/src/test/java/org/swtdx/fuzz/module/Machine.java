package org.swtdx.fuzz.module;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.TdxModuleProvider;

/**
 * A small machine with a ready TDX module, used through SEAMCALL alone. Whatever happened to it,
 * the host can take everything back: {@link #tearDown} does, and fails when that is not so.
 */
final class Machine {
  static final long GIB = 1L << 30;
  static final long TDMR = GIB;
  static final int LPS = 2;
  static final int GLOBAL_KEY_ID = 32;

  /** KeyIDs that scenarios use. */
  static final int FIRST_KEY_ID = 33, KEY_IDS = 3;

  /** 4 KiB pages that scenarios use, from {@link #TDMR} on. */
  static final int PAGES = 160;

  /** 2 MiB pages that scenarios use. */
  static final int LARGE_PAGES = 2;

  static final long LARGE = TDMR + 0x20_0000;

  /** Shared pages with something in them. */
  static final long TD_PARAMS = 0x11_0000, SOURCE = 0x12_0000, SCRATCH = 0x13_0000;

  static final int CREATE = 9, KEY_CONFIG = 8, ADDCX = 1, INIT = 21, SEPT_ADD = 3, PAGE_ADD = 2;
  static final int AUG = 6, BLOCK = 7, TRACK = 38, FINALIZE = 17, ENTER = 0, RDMD = 24;
  static final int VP_CREATE = 10, VP_ADDCX = 4, VP_INIT = 0x10016, FLUSH = 18;
  private static final int VPFLUSHDONE = 19, FREEID = 20, RECLAIM = 28, CACHE_WB = 40;

  // Page types, as TDH.PHYMEM.PAGE.RDMD reports them.
  private static final int NDA = 0, TDR = 4, TDVPR = 6;

  private static final long PAMT = 0x200_0000;
  private static final long TDMR_INFO = 0x10_0000;

  final PhysicalMemory memory =
      PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 2 * GIB)));
  final SeamRegisters regs = new SeamRegisters();
  private final Platform platform =
      new Platform(memory, Environment.system(2_000_000_000L), new PlatformEvents(), LPS, 1);
  private final SeamPort port = new TdxModuleProvider().load(platform);
  private int nextPage;

  Machine() {
    ok(call(33));
    for (int lp = 0; lp < LPS; lp++) {
      ok(callOn(lp, 35));
    }
    long[] info = {TDMR, GIB, PAMT, 0x1000, PAMT + 0x1000, 0x2000, PAMT + 0x3000, 0x40_0000};
    write64(TDMR_INFO, TDMR_INFO + 0x200);
    for (int i = 0; i < info.length; i++) {
      write64(TDMR_INFO + 0x200 + 8 * i, info[i]);
    }
    ok(call(45, TDMR_INFO, 1, GLOBAL_KEY_ID));
    for (int lp = 0; lp < LPS; lp++) {
      ok(callOn(lp, 31));
    }
    do {
      ok(call(36, TDMR));
    } while (regs.rdx < TDMR + GIB);
  }

  void write64(long hpa, long value) {
    memory.host().write64(new Hpa(hpa), value);
  }

  /** SEAMCALL on LP 0 with operands in RCX, RDX, R8, R9 and zeros in all else; returns RAX. */
  long call(long rax, long... operands) {
    return callOn(0, rax, operands);
  }

  /** As {@link #call} on any LP. A status that is not documented is a finding. */
  long callOn(int lp, long rax, long... operands) {
    long[] r = java.util.Arrays.copyOf(operands, 6);
    regs.rax = rax;
    regs.rcx = r[0];
    regs.rdx = r[1];
    regs.r8 = r[2];
    regs.r9 = r[3];
    regs.r10 = r[4];
    regs.r11 = r[5];
    LogicalProcessor processor = platform.processors().get(lp);
    port.seamcall(processor, regs);
    if (TdxStatus.of(regs.rax).code() == StatusCode.UNDEFINED) {
      throw new IllegalStateException(
          "leaf 0x%x returned 0x%016x, which is no completion status".formatted(rax, regs.rax));
    }
    return regs.rax;
  }

  /** SEAMCALL on LP 0 with the registers as they are. */
  long enter() {
    port.seamcall(platform.processors().getFirst(), regs);
    return regs.rax;
  }

  static void ok(long status) {
    if (status != 0) {
      throw new IllegalStateException(TdxStatus.of(status).toString());
    }
  }

  /** The next page that this scenario has not used. */
  long page() {
    if (nextPage == PAGES) {
      throw new IllegalStateException("the scenario needs more pages");
    }
    return TDMR + 4096L * nextPage++;
  }

  /** The page with number {@code i}, whatever it is used for. */
  static long page(int i) {
    return TDMR + 4096L * i;
  }

  /** The same operand, or one of {@link #page} where it names a page that nobody looks at. */
  static long withinReach(long operand) {
    long offset = operand - TDMR;
    boolean inLarge = operand >= LARGE && operand < LARGE + LARGE_PAGES * 0x20_0000L;
    if (offset < PAGES * 4096L || offset >= GIB || inLarge) {
      return operand;
    }
    return page((int) (offset / 4096 % PAGES)) | operand & 0xfff;
  }

  /** A TD whose keys are configured. */
  long createTd(int keyId) {
    long tdr = page();
    ok(call(CREATE, tdr, keyId));
    for (int lp = 0; lp < LPS; lp++) {
      ok(callOn(lp, KEY_CONFIG, tdr));
    }
    return tdr;
  }

  /** Writes TD_PARAMS that are accepted. */
  void writeTdParams(long attributes) {
    memory.host().zero(new Hpa(TD_PARAMS), 4096);
    write64(TD_PARAMS, attributes);
    write64(TD_PARAMS + 8, 7);
    write64(TD_PARAMS + 16, 4);
    write64(TD_PARAMS + 24, 0x1e);
    write64(TD_PARAMS + 32, 4);
    write64(TD_PARAMS + 40, 80);
  }

  /** A TD in operation state INITIALIZED. */
  long initializedTd(int keyId, long attributes) {
    long tdr = createTd(keyId);
    for (int i = 0; i < 6; i++) {
      ok(call(ADDCX, page(), tdr));
    }
    writeTdParams(attributes);
    ok(call(INIT, tdr, TD_PARAMS));
    return tdr;
  }

  /** A vCPU that can be entered. */
  long createVcpu(long tdr, int x2ApicId) {
    long tdvpr = page();
    ok(call(VP_CREATE, tdvpr, tdr));
    for (int i = 0; i < 5; i++) {
      ok(call(VP_ADDCX, page(), tdvpr));
    }
    ok(call(VP_INIT, tdvpr, 0, x2ApicId));
    return tdvpr;
  }

  /** Adds the Secure EPT pages that {@code gpa} lacks above {@code level}. */
  void addSept(long tdr, long gpa, int level) {
    for (int l = 3; l > level; l--) {
      long at = gpa & -(1L << 12 + 9 * l) | l;
      if (TdxStatus.of(call(25, at, tdr)).isSuccess() && (regs.rdx >>> 8 & 0xff) == 0) {
        ok(call(SEPT_ADD, at, tdr, page()));
      }
    }
  }

  /** Maps a page with the contents of {@link #SOURCE} into a TD that is being built. */
  void addPage(long tdr, long gpa) {
    addSept(tdr, gpa, 0);
    ok(call(PAGE_ADD, gpa, tdr, page(), SOURCE));
  }

  /** Stops every TD, takes every page back, and checks that nothing is left. */
  void tearDown() {
    List<Long> tds = ofType(TDR);
    for (long tdvpr : ofType(TDVPR)) {
      for (int lp = 0; lp < LPS; lp++) {
        callOn(lp, FLUSH, tdvpr);
      }
    }
    for (long tdr : tds) {
      call(VPFLUSHDONE, tdr); // refused when the scenario did it
    }
    for (int lp = 0; lp < LPS; lp++) {
      callOn(lp, CACHE_WB);
    }
    for (long tdr : tds) {
      call(FREEID, tdr); // refused when the scenario did it
    }
    forEachPage(
        (hpa, type, owner) -> {
          if (type != NDA && type != TDR) {
            if (!tds.contains(owner)) {
              throw new IllegalStateException("page 0x%x belongs to nobody".formatted(hpa));
            }
            expect(call(RECLAIM, hpa), "reclaiming page", hpa, type);
          }
        });
    for (long tdr : tds) {
      expect(call(RECLAIM, tdr), "reclaiming TDR", tdr, TDR);
    }
    forEachPage(
        (hpa, type, owner) -> {
          if (type != NDA || owner != 0) {
            throw new IllegalStateException("page 0x%x has type %d still".formatted(hpa, type));
          }
        });
    nextPage = 0;
  }

  private static void expect(long status, String what, long hpa, int type) {
    if (status != 0) {
      throw new IllegalStateException(
          "%s 0x%x of type %d: %s".formatted(what, hpa, type, TdxStatus.of(status)));
    }
  }

  private interface PageAction {
    void on(long hpa, int type, long owner);
  }

  private List<Long> ofType(int wanted) {
    List<Long> found = new ArrayList<>();
    forEachPage(
        (hpa, type, owner) -> {
          if (type == wanted) {
            found.add(hpa);
          }
        });
    return found;
  }

  private void forEachPage(PageAction action) {
    for (int i = 0; i < PAGES; i++) {
      action(page(i), action);
    }
    for (long hpa = LARGE; hpa < LARGE + LARGE_PAGES * 0x20_0000L; hpa += 4096) {
      long size = action(hpa, action);
      hpa += size == 0 ? 0 : 0x20_0000 - 4096;
    }
  }

  private long action(long hpa, PageAction action) {
    expect(call(RDMD, hpa), "metadata of", hpa, -1);
    long size = regs.r8;
    action.on(hpa, (int) regs.rcx, regs.rdx);
    return size;
  }
}
