package org.swtdx.tdxmodule.vp;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.status.Status;

/**
 * What TDH.VP.ENTER is about to return. Every register that is not named here is zero towards the
 * host, so nothing of the guest leaks.
 */
public final class TdExit {
  private static final int TDCALL = ExitReason.TDCALL.number();
  private static final int EPT_VIOLATION = ExitReason.EPT_VIOLATION.number();
  private static final int FIRST_PASSED = 2;
  private static final int REGISTERS = 16;

  // Exit-qualification bits that tell about the guest's own paging: not the host's business.
  private static final long GUEST_PAGING = 0x1f80;
  private static final long PAGE_OFFSET = 0xfff;

  private LastExit how = LastExit.ASYNC_FAULT;
  private int reason;
  private long status;
  private long qualification;
  private long extended;
  private long gpa;
  private int interruptionInfo;

  TdExit() {}

  /** Leaves by TDG.VP.VMCALL; the guest's RCX says which registers the host sees. */
  public void call() {
    set(LastExit.TDVMCALL, TDCALL, Status.SUCCESS, 0);
  }

  /** Leaves because of a VM exit that is the host's to handle. */
  public void asynchronous(int exitReason, long exitQualification, int interruption) {
    set(LastExit.ASYNC_FAULT, exitReason, Status.SUCCESS, exitQualification);
    interruptionInfo = interruption;
  }

  /** Leaves with a status other than success. */
  public void failed(long code, int exitReason, long exitQualification, int interruption) {
    set(LastExit.ASYNC_FAULT, exitReason, code, exitQualification);
    interruptionInfo = interruption;
  }

  /** Leaves after a guest leaf that {@code code} ended; its own status is in the guest's RAX. */
  public void trap(long code) {
    set(LastExit.ASYNC_TRAP, 0, code, 0);
  }

  /** Leaves because of an EPT violation. */
  public void eptViolation(long address, long exitQualification, long extendedQualification) {
    set(LastExit.ASYNC_FAULT, EPT_VIOLATION, Status.SUCCESS, exitQualification & ~GUEST_PAGING);
    gpa = address & ~PAGE_OFFSET;
    extended = extendedQualification;
  }

  /** Leaves because of an EPT misconfiguration in the shared EPT. */
  public void eptMisconfiguration(long address) {
    set(LastExit.ASYNC_FAULT, ExitReason.EPT_MISCONFIGURATION.number(), Status.SUCCESS, 0);
    gpa = address & ~PAGE_OFFSET;
  }

  private void set(LastExit last, int exitReason, long code, long exitQualification) {
    how = last;
    reason = exitReason;
    status = code;
    qualification = exitQualification;
    extended = ExtendedQualification.NONE;
    gpa = 0;
    interruptionInfo = 0;
  }

  /** Basic exit reason that the host will see. */
  public int reason() {
    return reason;
  }

  /** LAST_TD_EXIT. */
  public LastExit lastExit() {
    return how;
  }

  /**
   * Writes the host's registers and returns RAX.
   *
   * @param regs the host's registers
   * @param state the guest's registers
   * @param keepRbp whether RBP stays the host's own (CONFIG_FLAGS.NO_RBP_MOD)
   */
  public long store(SeamRegisters regs, CpuState state, boolean keepRbp) {
    if (how == LastExit.TDVMCALL) {
      passRegisters(regs, state, keepRbp);
    } else {
      clear(regs, keepRbp);
      java.util.Arrays.fill(regs.xmm, 0);
      regs.rcx = qualification & 0xffff_ffffL;
      regs.rdx = extended;
      regs.r8 = gpa;
      regs.r9 = Integer.toUnsignedLong(interruptionInfo);
    }
    return status | reason;
  }

  private static void clear(SeamRegisters regs, boolean keepRbp) {
    regs.rbx = 0;
    regs.rsi = 0;
    regs.rdi = 0;
    regs.r10 = 0;
    regs.r11 = 0;
    regs.r12 = 0;
    regs.r13 = 0;
    regs.r14 = 0;
    regs.r15 = 0;
    if (!keepRbp) {
      regs.rbp = 0;
    }
  }

  private static void passRegisters(SeamRegisters regs, CpuState state, boolean keepRbp) {
    long mask = state.gpr(CpuState.RCX);
    regs.rcx = mask;
    for (int i = FIRST_PASSED; i < REGISTERS; i++) {
      if ((mask >>> i & 1) != 0) {
        putRegister(regs, i, state.gpr(i));
      } else if (i != CpuState.RBP || !keepRbp) {
        putRegister(regs, i, 0);
      }
    }
    passVectors(regs.xmm, state, mask);
  }

  private static void passVectors(long[] xmm, CpuState state, long mask) {
    java.util.Arrays.fill(xmm, 0);
    long[] value = new long[2];
    for (long left = mask >>> REGISTERS & 0xffff; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      state.readXmm(i, value);
      xmm[2 * i] = value[0];
      xmm[2 * i + 1] = value[1];
    }
  }

  /** Copies the registers that the guest selected back to it, as the host left them. */
  static void returnRegisters(SeamRegisters regs, CpuState state) {
    long mask = state.gpr(CpuState.RCX);
    state.setGpr(CpuState.RAX, Status.SUCCESS);
    for (int i = FIRST_PASSED; i < REGISTERS; i++) {
      if ((mask >>> i & 1) != 0) {
        state.setGpr(i, register(regs, i));
      }
    }
    for (long left = mask >>> REGISTERS & 0xffff; left != 0; left &= left - 1) {
      int i = Long.numberOfTrailingZeros(left);
      state.writeXmm(i, regs.xmm[2 * i], regs.xmm[2 * i + 1]);
    }
  }

  private static void putRegister(SeamRegisters regs, int index, long value) {
    switch (index) {
      case 2 -> regs.rdx = value;
      case 3 -> regs.rbx = value;
      case 5 -> regs.rbp = value;
      case 6 -> regs.rsi = value;
      case 7 -> regs.rdi = value;
      case 8 -> regs.r8 = value;
      case 9 -> regs.r9 = value;
      case 10 -> regs.r10 = value;
      case 11 -> regs.r11 = value;
      case 12 -> regs.r12 = value;
      case 13 -> regs.r13 = value;
      case 14 -> regs.r14 = value;
      case 15 -> regs.r15 = value;
      default -> {} // RSP is never passed
    }
  }

  private static long register(SeamRegisters regs, int index) {
    return switch (index) {
      case 2 -> regs.rdx;
      case 3 -> regs.rbx;
      case 5 -> regs.rbp;
      case 6 -> regs.rsi;
      case 7 -> regs.rdi;
      case 8 -> regs.r8;
      case 9 -> regs.r9;
      case 10 -> regs.r10;
      case 11 -> regs.r11;
      case 12 -> regs.r12;
      case 13 -> regs.r13;
      case 14 -> regs.r14;
      case 15 -> regs.r15;
      default -> throw new IllegalArgumentException("register " + index + " is never passed");
    };
  }
}
