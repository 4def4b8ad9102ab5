package org.swtdx.cpu.testkit;

import java.util.HexFormat;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.exec.ExecutionTier;
import org.swtdx.cpu.exec.Interpreter;

/**
 * A core in user mode (64- or 32-bit, flat) with memory at {@link #CODE} to {@link #END}, on which
 * byte sequences run until they fault. A snippet that ends with UD2 therefore stops there.
 */
public final class Snippet implements AutoCloseable {
  /** Where code is put. */
  public static final long CODE = 0x10000;

  /** Where the data page starts; RDI, RSI and RBX point here at the start. */
  public static final long DATA = 0x40000;

  /** Initial stack pointer. */
  public static final long STACK = 0x80000;

  /** End of memory. */
  public static final long END = 0x100000;

  private static final byte[] UD2 = {0x0f, 0x0b};

  /** The core; its registers may be set before a run. */
  public final Core core;

  /** Its memory. */
  public final FlatMemory memory;

  private final ExecutionTier tier = new Interpreter();

  private Snippet(int codeSize, FlatMemory memory) {
    this.memory = memory;
    core = new Core(memory, new FixedEnvironment());
    enter(core, codeSize);
    reset();
  }

  /** Returns a 64-bit user-mode machine. */
  public static Snippet in64() {
    return new Snippet(64, new FlatMemory(CODE, END - CODE));
  }

  /** Returns a 32-bit user-mode machine. */
  public static Snippet in32() {
    return new Snippet(32, new FlatMemory(CODE, END - CODE));
  }

  /** Returns a machine in 16-bit protected mode with flat segments. */
  public static Snippet in16() {
    return new Snippet(16, new FlatMemory(CODE, END - CODE));
  }

  /** Puts {@code core} into flat user mode of the given code size, SSE and AVX enabled. */
  public static void enter(Core core, int codeSize) {
    core.cr0 = Core.CR0_PE | Core.CR0_MP | Core.CR0_NE | Core.CR0_WP | Core.CR0_PG;
    core.cr4 = 0x40668; // PAE, DE, OSFXSR, OSXMMEXCPT, OSXSAVE
    core.xcr0 = 7;
    core.efer = codeSize == 64 ? Core.EFER_LME | Core.EFER_LMA | Core.EFER_NXE : 0;
    core.cpl = 3;
    for (int i = 0; i < 6; i++) {
      core.selector[i] = 0x33;
      core.segmentLimit[i] = -1;
      core.accessRights[i] = 0xc0f3;
    }
    core.accessRights[SegmentRegister.CS] =
        codeSize == 64 ? 0xa0fb : codeSize == 32 ? 0xc0fb : 0x80fb;
    if (codeSize == 16) {
      core.accessRights[SegmentRegister.SS] = 0x80f3;
    }
    core.modeChanged();
  }

  /** Zeroes the registers, points RSP, RBX, RSI and RDI to memory, and clears the flags. */
  public void reset() {
    java.util.Arrays.fill(core.gpr, 0);
    core.gpr[3] = DATA;
    core.gpr[4] = STACK;
    core.gpr[6] = DATA;
    core.gpr[7] = DATA + 0x100;
    core.setFlags(2);
    core.faultVector = -1;
    core.attention = false;
  }

  /** Runs the bytes in {@code hex} (blanks allowed), UD2 added; returns the fault's vector. */
  public int run(String hex) {
    return run(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  /** Runs {@code code}, UD2 added, until it faults; returns the fault's vector. */
  public int run(byte[] code) {
    load(code);
    core.rip = CODE;
    return resume();
  }

  /** Puts {@code code} and an UD2 after it at {@link #CODE}. */
  public void load(byte[] code) {
    tier.clear();
    memory.write(CODE, code);
    memory.write(CODE + code.length, UD2);
  }

  /** Continues at the core's RIP until a fault; returns its vector. */
  public int resume() {
    while (!tier.run(core)) {
      core.attention = false;
    }
    return core.faultVector;
  }

  /** Executes one instruction at the core's RIP; returns whether it faulted. */
  public boolean step() {
    return tier.step(core);
  }

  @Override
  public void close() {
    memory.close();
  }
}
