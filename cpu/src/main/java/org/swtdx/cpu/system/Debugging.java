package org.swtdx.cpu.system;

import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;

/** Debug registers, single-stepping and breakpoints, SDM Vol. 3B chapter 19. */
final class Debugging {
  private static final long DR6_FIXED = 0xffff_0ff0L;
  private static final long DR6_SINGLE_STEP = 1 << 14;
  private static final long DR6_ACCESS = 1 << 13;
  private static final long DR7_FIXED = 0x400;
  private static final long DR7_ENABLES = 0xff;
  private static final long DR7_GENERAL_DETECT = 1 << 13;

  private final GuestSystem system;
  private final Core core;
  private boolean stepping;

  /** Breakpoint bits (DR6 format) met since the last #DB. */
  private long pending;

  Debugging(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    core.dr[6] = DR6_FIXED;
    core.dr[7] = DR7_FIXED;
  }

  /** Whether instructions must be executed one at a time. */
  boolean active() {
    return (core.flags.control & Flags.TF) != 0 || (core.dr[7] & DR7_ENABLES) != 0;
  }

  /** Pending debug exceptions as VM exits save them. */
  long pending() {
    return pending;
  }

  void setPending(long value) {
    pending = value;
  }

  /** What the exit qualification of an intercepted #DB is; consumes it. */
  long takeQualification() {
    long value = core.dr[6] & 0xe00f;
    return value;
  }

  /** Looks for an instruction breakpoint; true when #DB was raised as a fault. */
  boolean beforeInstruction() {
    boolean resumed = (core.flags.control & Flags.RF) != 0;
    core.flags.control &= ~Flags.RF;
    stepping = (core.flags.control & Flags.TF) != 0;
    if (resumed || (core.dr[7] & DR7_ENABLES) == 0) {
      return false;
    }
    long linear = core.effectiveBase[SegmentRegister.CS] + core.rip;
    long hit = 0;
    for (int i = 0; i < 4; i++) {
      boolean enabled = (core.dr[7] >>> 2 * i & 3) != 0;
      if (enabled && (core.dr[7] >>> 16 + 4 * i & 15) == 0 && core.dr[i] == linear) {
        hit |= 1L << i;
      }
    }
    if (hit == 0) {
      return false;
    }
    core.dr[6] = core.dr[6] & ~0xfL | hit;
    core.faultInsn = Insn.NOTHING;
    core.faultVector = Core.DB;
    core.faultErrorCode = -1;
    return true;
  }

  /** After an instruction that completed: whether a debug trap is due; DR6 says why. */
  boolean afterInstruction() {
    if ((system.interruptibility & GuestSystem.BLOCKED_BY_MOV_SS) != 0) {
      return false;
    }
    if (stepping || pending != 0) {
      core.dr[6] |= (stepping ? DR6_SINGLE_STEP : 0) | pending & 0xf;
      pending = 0;
      stepping = false;
      return true;
    }
    return false;
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
      core.dr[6] |= DR6_ACCESS;
      throw core.raise(Core.DB);
    }
    return number == 4 || number == 5 ? number + 2 : number;
  }

  private void checkExit(Insn insn, boolean from) {
    if (system.controls.movDrExiting) {
      throw system.exit(
          ExitReason.MOV_DR, insn.reg & 7 | (from ? 1 << 4 : 0) | insn.rm << 8);
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
          case 6 -> value & 0x1_e00fL & ~(1L << 12) | DR6_FIXED & ~0x1_e00fL | value & 1L << 16;
          case 7 -> value & 0xffff_2bffL | DR7_FIXED;
          default -> value;
        };
  }
}
