package org.swtdx.cpu.system;

import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;

/** Debug registers, single-stepping and breakpoints, SDM Vol. 3B chapter 19. */
final class Debugging {
  // without RTM and bus-lock detection, bits 16 and 11 are among those that read as 1
  private static final long DR6_FIXED = 0xffff_0ff0L;
  private static final long DR6_WRITABLE = 0xe00f;
  private static final long DR6_SINGLE_STEP = 1 << 14;
  private static final long DR6_ACCESS = 1 << 13;
  private static final long DR7_FIXED = 0x400;
  private static final long DR7_ENABLES = 0xff;
  private static final long DR7_GENERAL_DETECT = 1 << 13;

  /** The R/W field of DR7. */
  private static final int EXECUTION = 0, WRITE = 1, PORT = 2, ACCESS = 3;

  /** Bytes watched, by the LEN field. */
  private static final int[] LENGTHS = {1, 2, 8, 4};

  private final GuestSystem system;
  private final Core core;
  private boolean stepping;
  private boolean resumed;

  /** Breakpoint and single-step bits (DR6 format) whose trap is not delivered yet. */
  private long pending;

  /** What caused the #DB being raised, DR6 format. */
  private long cause;

  Debugging(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    core.dr[6] = DR6_FIXED;
    core.dr[7] = DR7_FIXED;
  }

  /** Whether instructions must be executed one at a time, TF aside. */
  boolean active() {
    return (core.dr[7] & DR7_ENABLES) != 0;
  }

  /** Pending debug exceptions as VM exits save them. */
  long pending() {
    return pending;
  }

  void setPending(long value) {
    pending = value;
  }

  /** Whether a debug exception was pending at VM entry; it is the cause of a #DB then. */
  boolean takePending() {
    if ((pending & (DR6_SINGLE_STEP | 0xf)) == 0) {
      return false;
    }
    cause = pending & (DR6_SINGLE_STEP | 0xf);
    pending = 0;
    return true;
  }

  /** INT1 raises a #DB of its own, which reports what MOV SS left pending as well. */
  void mergePending() {
    core.dr[6] |= pending & 0xf;
    pending = 0;
  }

  /** The exit qualification of an intercepted #DB; DR6 stays as it was. */
  long takeCause() {
    long bits = cause;
    cause = 0;
    return bits;
  }

  /** Puts the cause of the #DB that is delivered now into DR6. */
  void recordCause() {
    if ((cause & 0xf) != 0) {
      core.dr[6] &= ~0xfL;
    }
    core.dr[6] |= cause;
    cause = 0;
  }

  /** Looks for an instruction breakpoint; true when #DB was raised as a fault. */
  boolean beforeInstruction() {
    resumed = (core.flags.control & Flags.RF) != 0;
    core.flags.control &= ~Flags.RF;
    stepping = (core.flags.control & Flags.TF) != 0;
    if (resumed || !active()) {
      return false;
    }
    long hit = matching(core.effectiveBase[SegmentRegister.CS] + core.rip, 1, 1 << EXECUTION);
    if (hit == 0) {
      return false;
    }
    cause = hit;
    core.faultInsn = Insn.NOTHING;
    core.faultVector = Core.DB;
    core.faultErrorCode = -1;
    return true;
  }

  /** The instruction exited instead of completing: RF is as it was before. */
  void exited() {
    if (resumed) {
      core.flags.control |= Flags.RF;
      resumed = false;
    }
  }

  /** Enabled breakpoints that overlap an access, of the kinds in the bit set {@code kinds}. */
  private long matching(long linear, int size, int kinds) {
    long hit = 0;
    for (int i = 0; i < 4; i++) {
      int control = (int) (core.dr[7] >>> 16 + 4 * i) & 15;
      boolean enabled = (core.dr[7] >>> 2 * i & 3) != 0;
      int length = LENGTHS[control >>> 2];
      long from = core.dr[i] & -length;
      if (enabled
          && (kinds >>> (control & 3) & 1) != 0
          && linear < from + length
          && from < linear + size) {
        hit |= 1L << i;
      }
    }
    return hit;
  }

  /** Notes a data access for the breakpoints that watch it. */
  void accessed(long linear, int size, boolean write) {
    pending |= matching(linear, size, write ? 1 << WRITE | 1 << ACCESS : 1 << ACCESS);
  }

  /** Notes a port access for the breakpoints that watch it. */
  void portAccessed(int port, int size) {
    if (active() && (core.cr4 & ControlRegisters.CR4_DE) != 0) {
      pending |= matching(port, size, 1 << PORT);
    }
  }

  /** After an instruction that completed: whether a debug trap is due. */
  boolean afterInstruction() {
    resumed = false;
    boolean blocked = (system.interruptibility & GuestSystem.BLOCKED_BY_MOV_SS) != 0;
    // after MOV SS a breakpoint stays pending, a single step is lost
    pending |= stepping && !blocked ? DR6_SINGLE_STEP : 0;
    stepping = false;
    return !blocked && takePending();
  }

  /** The hypervisor completed the instruction that exited: what {@link #afterInstruction} does. */
  void skipped() {
    resumed = false;
    core.flags.control &= ~(long) Flags.RF;
    pending |= (core.flags.control & Flags.TF) != 0 ? DR6_SINGLE_STEP : 0;
  }

  private int number(Insn insn) {
    int number = insn.reg;
    if (number > 7) {
      throw core.raise(Core.UD);
    }
    if ((number == 4 || number == 5) && (core.cr4 & ControlRegisters.CR4_DE) != 0) {
      throw core.raise(Core.UD);
    }
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
    if ((core.dr[7] & DR7_GENERAL_DETECT) != 0) {
      core.dr[7] &= ~DR7_GENERAL_DETECT;
      cause = DR6_ACCESS;
      throw core.raise(Core.DB);
    }
    return number == 4 || number == 5 ? number + 2 : number;
  }

  private void checkExit(Insn insn, boolean from) {
    if (system.controls.movDrExiting) {
      throw system.exit(ExitReason.MOV_DR, insn.reg & 7 | (from ? 1 << 4 : 0) | insn.rm << 8);
    }
  }

  void moveFrom(Insn insn) {
    int number = number(insn);
    checkExit(insn, true);
    core.gpr[insn.rm] = core.dr[number];
  }

  void moveTo(Insn insn) {
    int number = number(insn);
    checkExit(insn, false);
    long value = core.code64 ? core.gpr[insn.rm] : core.gpr[insn.rm] & 0xffff_ffffL;
    if (number >= 6 && value >>> 32 != 0) {
      throw core.raise(Core.GP, 0);
    }
    set(number, value);
    core.requestAttention();
  }

  void set(int number, long value) {
    core.dr[number] =
        switch (number) {
          case 6 -> value & DR6_WRITABLE | DR6_FIXED;
          case 7 -> value & 0xffff_2bffL | DR7_FIXED;
          default -> value;
        };
    system.mmu.setWatching(core, watches());
  }

  private boolean watches() {
    for (int i = 0; i < 4; i++) {
      if ((core.dr[7] >>> 2 * i & 3) != 0 && (core.dr[7] >>> 16 + 4 * i & 1) != 0) {
        return true;
      }
    }
    return false;
  }
}
