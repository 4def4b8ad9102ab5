package org.swtdx.fuzz.module;

import java.util.HexFormat;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.TdxStatus;

/**
 * A TD with one vCPU in 64-bit mode, which executes the TDCALLs that the host asks for: RAX comes
 * in R15 and RCX in R14, all other registers as they are, and back the same way. An exception in
 * the guest comes back as {@link #EXCEPTION} and its vector.
 */
final class Guest {
  /** R12 of an exception. */
  static final long EXCEPTION = 0xe0c0L;

  static final long DATA = 0x8000, PENDING = 0x20_0000, PENDING_LARGE = 0x4000_0000L;
  private static final long RESET = 0xffff_f000L, CODE = 0x5000, STACK_TOP = 0x8000;
  private static final long MASK = 0xffcc; // what TDG.VP.VMCALL passes, RBP left to the guest
  private static final int TDCALL_EXIT = 77;
  private static final HexFormat HEX = HexFormat.of();

  private final Machine machine;
  final long tdr;
  final long tdvpr;

  /** Builds the TD and runs it up to its first request for work. */
  Guest(Machine machine, long attributes) {
    this.machine = machine;
    tdr = machine.initializedTd(Machine.FIRST_KEY_ID, attributes);
    tdvpr = machine.createVcpu(tdr, 0);
    add(RESET, resetPage());
    add(0x1000, words(0x2003));
    add(0x2000, words(0x83, 0x4000_0083L, 0x8000_0083L, 0xc000_0083L));
    add(0x3000, tables());
    add(0x4000, handlers());
    add(CODE, loop());
    add(STACK_TOP - 0x1000, new byte[0]);
    add(DATA, new byte[0]);
    machine.addSept(tdr, PENDING, 0);
    for (int i = 0; i < 4; i++) {
      Machine.ok(machine.call(Machine.AUG, PENDING + 4096L * i, tdr, machine.page()));
    }
    machine.addSept(tdr, PENDING_LARGE, 1);
    Machine.ok(machine.call(Machine.AUG, PENDING_LARGE | 1, tdr, Machine.LARGE));
    Machine.ok(machine.call(Machine.FINALIZE, tdr));
    if (!enter()) {
      throw new IllegalStateException("the guest did not come up: " + machine.regs.rax);
    }
  }

  /** TDH.VP.ENTER; whether the guest asks for work. */
  boolean enter() {
    machine.regs.rax = Machine.ENTER;
    machine.regs.rcx = tdvpr;
    long status = machine.enter();
    return TdxStatus.of(status).isSuccess()
        && (int) status == TDCALL_EXIT
        && machine.regs.rcx == MASK;
  }

  private void add(long gpa, byte[] content) {
    byte[] page = java.util.Arrays.copyOf(content, 4096);
    machine.memory.host().write(new Hpa(Machine.SOURCE), page, 0, page.length);
    machine.addPage(tdr, gpa);
  }

  private static byte[] words(long... values) {
    java.nio.ByteBuffer b =
        java.nio.ByteBuffer.allocate(4096).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (long v : values) {
      b.putLong(v);
    }
    return b.array();
  }

  private static void put(byte[] page, int at, String hex) {
    byte[] code = HEX.parseHex(hex.replace(" ", ""));
    System.arraycopy(code, 0, page, at, code.length);
  }

  /** Protected mode to long mode with an identity map of 4 GiB; ends with a jump to the loop. */
  private static byte[] resetPage() {
    byte[] page = new byte[4096];
    put(page, 0xff0, "e90bf0ffff"); // JMP to the start of the page
    put(
        page,
        0,
        "b800100000 0f22d8" // CR3
            + "0f20e0 83c820 0f22e0" // CR4.PAE
            + "0f20c0 0d00000080 0f22c0" // CR0.PG
            + "0f011520300000" // LGDT [0x3020]
            + "ea80f0ffff 0800"); // JMP 8:0xfffff080
    put(
        page,
        0x80,
        "0f011c2530300000" // LIDT [0x3030]
            + "48c7c400800000" // RSP
            + "66b81000 8ed8 8ed0" // DS, SS
            + "48c7c000500000 ffe0"); // JMP to the loop
    return page;
  }

  private static byte[] tables() {
    java.nio.ByteBuffer b =
        java.nio.ByteBuffer.allocate(4096).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    b.putLong(8, 0x00af9b000000ffffL).putLong(16, 0x00cf93000000ffffL);
    b.putShort(0x20, (short) 31).putInt(0x22, 0x3000);
    b.putShort(0x30, (short) 0x3ff).putLong(0x32, 0x3800);
    for (int vector = 0; vector < 64; vector++) {
      b.putLong(0x800 + 16 * vector, 0x4000 + 32 * vector | 0x8e00_0008_0000L);
    }
    return b.array();
  }

  /** Each handler tells the vector in R15 and goes on in the loop behind the TDCALL. */
  private static byte[] handlers() {
    byte[] page = new byte[4096];
    for (int vector = 0; vector < 64; vector++) {
      put(page, 32 * vector, "41bf %02x000000".formatted(vector)); // MOV R15D
      put(page, 32 * vector + 6, "41bc c0e00000"); // MOV R12D
      put(page, 32 * vector + 12, "48c7c400800000"); // RSP
      put(page, 32 * vector + 19, "48c7c040500000 ffe0"); // JMP 0x5040
    }
    return page;
  }

  private static byte[] loop() {
    byte[] page = new byte[4096];
    put(page, 0, "e93b000000"); // JMP 0x5040
    put(page, 0x10, "4c89f8 4c89f1 660f01cc 4989c7 4989ce e91b000000"); // TDCALL, JMP 0x5040
    put(page, 0x40, "48c7c1 ccff0000 31c0 660f01cc e9beffffff"); // VMCALL, JMP 0x5010
    return page;
  }
}
