package org.swtdx.bench;

import java.util.HexFormat;
import java.util.List;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.TdxModuleProvider;

/** A machine with a ready TDX module behind bare SEAMCALL, and a TD on it. */
final class Rig implements AutoCloseable {
  static final long GIB = 1L << 30;
  static final int LPS = 2;
  static final long TDMR = GIB, TDMR_SIZE = 2 * GIB;
  static final long SOURCE = 0x12_0000;
  private static final long TD_PARAMS = 0x11_0000, TDMR_INFO = 0x10_0000, PAMT = 0x200_0000;
  private static final int KEY_ID = 33;

  final PhysicalMemory memory =
      PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 4 * GIB)));
  private final Platform platform =
      new Platform(memory, Environment.system(2_000_000_000L), new PlatformEvents(), LPS, 1);
  private final SeamPort port = new TdxModuleProvider().load(platform);
  final SeamRegisters regs = new SeamRegisters();
  private long nextPage = TDMR;
  long tdr;
  long tdvpr;

  /** A module that is ready. */
  Rig() {
    ok(call(33));
    for (int lp = 0; lp < LPS; lp++) {
      ok(callOn(lp, regs, 35, 0, 0, 0, 0));
    }
    long[] info = {TDMR, TDMR_SIZE, PAMT, 0x1000, PAMT + 0x1000, 0x4000, PAMT + 0x10000, 0x80_0000};
    write64(TDMR_INFO, TDMR_INFO + 0x200);
    for (int i = 0; i < info.length; i++) {
      write64(TDMR_INFO + 0x200 + 8 * i, info[i]);
    }
    ok(call(45, TDMR_INFO, 1, 32, 0));
    for (int lp = 0; lp < LPS; lp++) {
      ok(callOn(lp, regs, 31, 0, 0, 0, 0));
    }
    do {
      ok(call(36, TDMR, 0, 0, 0));
    } while (regs.rdx < TDMR + TDMR_SIZE);
  }

  private void write64(long hpa, long value) {
    memory.host().write64(new Hpa(hpa), value);
  }

  private long call(int leaf) {
    return call(leaf, 0, 0, 0, 0);
  }

  /** SEAMCALL on the first LP. */
  long call(int leaf, long rcx, long rdx, long r8, long r9) {
    return callOn(0, regs, leaf, rcx, rdx, r8, r9);
  }

  /** SEAMCALL; {@code r} belongs to the calling thread. */
  long callOn(int lp, SeamRegisters r, int leaf, long rcx, long rdx, long r8, long r9) {
    r.rax = leaf;
    r.rcx = rcx;
    r.rdx = rdx;
    r.r8 = r8;
    r.r9 = r9;
    port.seamcall(platform.processors().get(lp), r);
    return r.rax;
  }

  static void ok(long status) {
    if (status != 0) {
      throw new IllegalStateException("status 0x" + Long.toHexString(status));
    }
  }

  /** A page nobody uses. */
  long page() {
    long page = nextPage;
    nextPage += 4096;
    return page;
  }

  /** Pages nobody uses, aligned to their whole size, a power of two. */
  long pages(long bytes) {
    long from = nextPage + bytes - 1 & -bytes;
    nextPage = from + bytes;
    return from;
  }

  /** All pages that were handed out lie below. */
  long end() {
    return nextPage;
  }

  /** Creates the TD and a vCPU; nothing is mapped. */
  void build() {
    tdr = page();
    ok(call(9, tdr, KEY_ID, 0, 0));
    for (int lp = 0; lp < LPS; lp++) {
      ok(callOn(lp, regs, 8, tdr, 0, 0, 0));
    }
    for (int i = 0; i < 6; i++) {
      ok(call(1, page(), tdr, 0, 0));
    }
    memory.host().zero(new Hpa(TD_PARAMS), 4096);
    write64(TD_PARAMS + 8, 7);
    write64(TD_PARAMS + 16, 4);
    write64(TD_PARAMS + 24, 0x1e);
    write64(TD_PARAMS + 32, 4);
    write64(TD_PARAMS + 40, 80);
    ok(call(21, tdr, TD_PARAMS, 0, 0));
    tdvpr = page();
    ok(call(10, tdvpr, tdr, 0, 0));
    for (int i = 0; i < 5; i++) {
      ok(call(4, page(), tdvpr, 0, 0));
    }
    ok(call(0x10016, tdvpr, 0, 0, 0));
  }

  /** Adds the Secure EPT pages that an address lacks above {@code level}. */
  void tables(long gpa, int level) {
    for (int l = 3; l > level; l--) {
      long at = gpa & -(1L << 12 + 9 * l) | l;
      if (call(25, at, tdr, 0, 0) == 0 && (regs.rdx >>> 8 & 0xff) == 0) {
        ok(call(3, at, tdr, page(), 0));
      }
    }
  }

  /** Maps a page with these contents into the TD that is being built. */
  void add(long gpa, byte[] content) {
    memory.host().zero(new Hpa(SOURCE), 4096);
    memory.host().write(new Hpa(SOURCE), content, 0, content.length);
    tables(gpa, 0);
    ok(call(2, gpa, tdr, page(), SOURCE));
  }

  /**
   * Gives the TD a guest in 64-bit mode and runs it to its first request. It accepts R9 pages from
   * the mapping R8 on, R10 apart, none when R9 is 0, and requests again.
   */
  void start() {
    byte[] reset = new byte[4096];
    put(reset, 0xff0, "e90bf0ffff"); // JMP to the start of the page
    put(
        reset,
        0,
        "b800100000 0f22d8 0f20e0 83c820 0f22e0" // CR3, CR4.PAE
            + "0f20c0 0d00000080 0f22c0 0f011520300000 ea80f0ffff 0800"); // CR0.PG, LGDT, JMP
    put(reset, 0x80, "48c7c400800000 66b81000 8ed8 8ed0 48c7c000500000 ffe0"); // RSP, SS, JMP
    add(0xffff_f000L, reset);
    add(0x1000, words(0x2003));
    add(0x2000, words(0x83, 0x4000_0083L, 0x8000_0083L, 0xc000_0083L));
    add(0x3000, words(0, 0x00af9b000000ffffL, 0x00cf93000000ffffL, 0, 0x3000_001fL, 0));
    add(0x5000, code());
    add(0x7000, new byte[0]);
    ok(call(17, tdr, 0, 0, 0));
    enter(0, 0, 0);
  }

  /** Lets the guest accept so many pages. */
  void enter(long mapping, long count, long apart) {
    regs.rax = 0;
    regs.rcx = tdvpr;
    regs.r8 = mapping;
    regs.r9 = count;
    regs.r10 = apart;
    port.seamcall(platform.processors().getFirst(), regs);
    if (regs.rax != 77) {
      throw new IllegalStateException("exit 0x" + Long.toHexString(regs.rax));
    }
  }

  private static byte[] code() {
    byte[] page = new byte[64];
    // 00 request: MOV RCX, 0xffcc; XOR EAX, EAX; TDCALL
    put(page, 0x00, "48c7c1ccff0000 31c0 660f01cc");
    // 0d: TEST R9, R9; JZ request
    put(page, 0x0d, "4d85c9 74ee");
    // 12: MOV RCX, R8; MOV EAX, 6; TDCALL; ADD R8, R10; DEC R9; JMP 0d
    put(page, 0x12, "4c89c1 b806000000 660f01cc 4d01d0 49ffc9 ebe7");
    return page;
  }

  private static void put(byte[] page, int at, String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    System.arraycopy(code, 0, page, at, code.length);
  }

  private static byte[] words(long... values) {
    java.nio.ByteBuffer b =
        java.nio.ByteBuffer.allocate(8 * values.length).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (long v : values) {
      b.putLong(v);
    }
    return b.array();
  }

  @Override
  public void close() {
    memory.close();
  }
}
