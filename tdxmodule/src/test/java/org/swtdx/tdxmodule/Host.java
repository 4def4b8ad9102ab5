package org.swtdx.tdxmodule;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/**
 * A host for tests: a small machine with two packages, the module loaded, and a bump allocator for
 * pages of its one TDMR. Calls go through SeamPort.seamcall alone.
 */
final class Host implements AutoCloseable {
  static final int PACKAGES = 2;
  static final int LPS = 4;
  static final long GIB = 1L << 30;
  static final long TDMR = GIB;
  static final long TDMR_INFO_ARRAY = 0x10_0000;
  static final long TDMR_INFO = 0x10_1000;
  static final long PAMT = 0x200_0000;
  static final long TD_PARAMS = 0x11_0000;
  static final long SOURCE = 0x12_0000;
  static final int GLOBAL_KEYID = 32;
  static final int TD_KEYID = 33;

  // Leaf numbers, TDX Module ABI Reference.
  static final int MNG_ADDCX = 1;
  static final int PAGE_ADD = 2;
  static final int SEPT_ADD = 3;
  static final int PAGE_RELOCATE = 5;
  static final int PAGE_AUG = 6;
  static final int RANGE_BLOCK = 7;
  static final int MNG_KEY_CONFIG = 8;
  static final int MNG_CREATE = 9;
  static final int MNG_RD = 11;
  static final int MEM_RD = 12;
  static final int MNG_WR = 13;
  static final int MEM_WR = 14;
  static final int MR_EXTEND = 16;
  static final int MR_FINALIZE = 17;
  static final int VPFLUSHDONE = 19;
  static final int KEY_FREEID = 20;
  static final int MNG_INIT = 21;
  static final int PAGE_RDMD = 24;
  static final int SEPT_RD = 25;
  static final int PAGE_RECLAIM = 28;
  static final int PAGE_REMOVE = 29;
  static final int SEPT_REMOVE = 30;
  static final int SYS_KEY_CONFIG = 31;
  static final int SYS_INFO = 32;
  static final int SYS_INIT = 33;
  static final int SYS_RD = 34;
  static final int SYS_LP_INIT = 35;
  static final int SYS_TDMR_INIT = 36;
  static final int SYS_RDALL = 37;
  static final int MEM_TRACK = 38;
  static final int RANGE_UNBLOCK = 39;
  static final int CACHE_WB = 40;
  static final int PAGE_WBINVD = 41;
  static final int LP_SHUTDOWN = 44;
  static final int SYS_CONFIG = 45;

  final PhysicalMemory memory =
      PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 2 * GIB)));
  final PlatformEvents events = new PlatformEvents();
  final Platform platform =
      new Platform(memory, Environment.system(2_000_000_000L), events, PACKAGES, LPS / PACKAGES);
  final TdxModule module = new TdxModule(platform);
  final SeamRegisters regs = new SeamRegisters();
  private long nextPage = TDMR;

  /** The id after that of a CPUID leaf without values, which TDH.MNG.RD does not tell. */
  static long fieldAfter(long id) {
    try {
      return TdFields.TABLE.nextReadable(id, AccessMode.HOST);
    } catch (Refusal refusal) {
      throw new AssertionError("no field %x".formatted(id), refusal);
    }
  }

  /** A host whose module is loaded and no more. */
  static Host loaded() {
    return new Host();
  }

  /** A host whose module is ready. */
  static Host ready() {
    Host host = new Host();
    host.init();
    host.config();
    host.keyConfig();
    host.tdmrInit();
    return host;
  }

  void init() {
    ok(call(SYS_INIT));
    for (LogicalProcessor lp : platform.processors()) {
      ok(callOn(lp, SYS_LP_INIT));
    }
  }

  void config() {
    writeTdmrInfo();
    ok(call(SYS_CONFIG, TDMR_INFO_ARRAY, 1, GLOBAL_KEYID));
  }

  void writeTdmrInfo() {
    host().write64(new Hpa(TDMR_INFO_ARRAY), TDMR_INFO);
    long[] info = {TDMR, GIB, PAMT, 0x1000, PAMT + 0x1000, 0x2000, PAMT + 0x3000, 0x40_0000};
    for (int i = 0; i < info.length; i++) {
      host().write64(new Hpa(TDMR_INFO + 8 * i), info[i]);
    }
  }

  void keyConfig() {
    ok(callOn(platform.processors().getFirst(), SYS_KEY_CONFIG));
    ok(callOn(platform.processors().getLast(), SYS_KEY_CONFIG));
  }

  void tdmrInit() {
    do {
      ok(call(SYS_TDMR_INIT, TDMR));
    } while (regs.rdx < TDMR + GIB);
  }

  HostView host() {
    return memory.host();
  }

  TdxPlatform state() {
    return module.state();
  }

  /** A page of the TDMR that nobody uses. */
  long page() {
    long page = nextPage;
    nextPage += 4096;
    return page;
  }

  /** A 2 MiB page of the TDMR that nobody uses. */
  long largePage() {
    long page = nextPage + 0x1f_ffff & -0x20_0000L;
    nextPage = page + 0x20_0000;
    return page;
  }

  long call(int leaf, long... operands) {
    return callOn(platform.processors().getFirst(), leaf, operands);
  }

  /** Calls with operands in RCX, RDX, R8, R9; registers not given are 0. */
  long callOn(LogicalProcessor lp, int leaf, long... operands) {
    long[] r = java.util.Arrays.copyOf(operands, 4);
    regs.rax = leaf;
    regs.rcx = r[0];
    regs.rdx = r[1];
    regs.r8 = r[2];
    regs.r9 = r[3];
    module.seamcall(lp, regs);
    return regs.rax;
  }

  static void ok(long status) {
    if (status != 0) {
      throw new AssertionError("status 0x" + Long.toHexString(status));
    }
  }

  /** A TD with its key configured and no TDCS page. */
  long createTd(int keyId) {
    long tdr = page();
    ok(call(MNG_CREATE, tdr, keyId));
    ok(callOn(platform.processors().getFirst(), MNG_KEY_CONFIG, tdr));
    ok(callOn(platform.processors().getLast(), MNG_KEY_CONFIG, tdr));
    return tdr;
  }

  List<Long> addTdcs(long tdr) {
    List<Long> pages = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      pages.add(page());
      ok(call(MNG_ADDCX, pages.getLast(), tdr));
    }
    return pages;
  }

  /** Writes TD_PARAMS for a TD with 4-level Secure EPT and these ATTRIBUTES. */
  void writeTdParams(long attributes) {
    host().zero(new Hpa(TD_PARAMS), 4096);
    host().write64(new Hpa(TD_PARAMS), attributes);
    host().write64(new Hpa(TD_PARAMS + 8), 3);
    host().write16(new Hpa(TD_PARAMS + 16), 4);
    host().write64(new Hpa(TD_PARAMS + 24), 0x1e);
    host().write16(new Hpa(TD_PARAMS + 40), 80);
  }

  /** A TD in operation state INITIALIZED. */
  long initializedTd(int keyId, long attributes) {
    long tdr = createTd(keyId);
    addTdcs(tdr);
    writeTdParams(attributes);
    ok(call(MNG_INIT, tdr, TD_PARAMS));
    return tdr;
  }

  /** Adds the Secure EPT pages down to {@code level} entries for {@code gpa}. */
  List<Long> addSept(long tdr, long gpa, int level) {
    List<Long> pages = new ArrayList<>();
    for (int l = 3; l > level; l--) {
      long mask = -(1L << 12 + 9 * l);
      long p = page();
      if (call(SEPT_ADD, gpa & mask | l, tdr, p) == 0) {
        pages.add(p);
      }
    }
    return pages;
  }

  Tdr td(long tdr) {
    return java.util.Objects.requireNonNull(state().tdr(tdr));
  }

  /** Makes a vCPU exist as far as the host-side leaves care. */
  void pretendVcpu(long tdr) {
    td(tdr).tdcs().vcpus().incrementAndGet();
  }

  /** Registers a vCPU object so that associations can be made. */
  Tdvps vcpu(long tdr) {
    return new Tdvps(td(tdr), page());
  }

  /** Takes a TD from any state to TEARDOWN. */
  void stop(long tdr) {
    ok(call(VPFLUSHDONE, tdr));
    ok(callOn(platform.processors().getFirst(), CACHE_WB));
    ok(callOn(platform.processors().getLast(), CACHE_WB));
    ok(call(KEY_FREEID, tdr));
  }

  /** The 4 KiB frames of the TDMR that were handed out. */
  List<Long> frames() {
    List<Long> frames = new ArrayList<>();
    for (long p = TDMR; p < nextPage; p += 4096) {
      frames.add(p);
    }
    return frames;
  }

  /** Pages of the TDMR that somebody owns, counting a 2 MiB page as 512. */
  long ownedPages() {
    long owned = 0;
    for (long p = TDMR; p < nextPage; p += 4096) {
      ok(call(PAGE_RDMD, p));
      owned += regs.rcx == PageType.NDA.number() ? 0 : 1;
    }
    return owned;
  }

  @Override
  public void close() {
    memory.close();
  }
}
