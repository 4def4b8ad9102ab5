package org.swtdx.tdxmodule.vp;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VeInformation;
import org.swtdx.cpu.VmExit;

/** Exceptions that the module gives a guest instead of what it tried to do. */
public final class GuestEvents {
  private static final int INVALID_OPCODE = 6;
  private static final int DOUBLE_FAULT = 8;
  private static final int GENERAL_PROTECTION = 13;
  private static final int PAGE_FAULT = 14;
  private static final int VIRTUALIZATION = 20;
  private static final int NO_ERROR_CODE = -1;
  private static final long RESUME_FLAG = 1 << 16;

  private static final int VALID = 1 << 31;
  private static final int HAS_ERROR_CODE = 1 << 11;

  // SDM Vol. 3A, table 6-4: contributory exceptions, #PF, and #VE, which counts like #PF.
  private static final int DOUBLE_FAULT_CLASS =
      1 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 20 | 1 << 21;

  private final Processor processor;
  private final CpuState state;
  private final VmExit exit;
  private final VeInformation ve;
  private boolean injected;

  GuestEvents(Processor processor) {
    this.processor = processor;
    state = processor.state();
    exit = processor.exit();
    ve = processor.veInformation();
  }

  /** Forgets what was injected; called before each VM exit is handled. */
  public void begin() {
    injected = false;
  }

  /** Injects #GP(0). */
  public void generalProtection() {
    inject(GENERAL_PROTECTION, 0);
  }

  /** Injects #PF for {@code address}; #DF where that would nest. */
  public void pageFault(long address, int errorCode) {
    if (isWhileFaulting()) {
      inject(DOUBLE_FAULT, 0);
      return;
    }
    state.setCr(2, address);
    inject(PAGE_FAULT, errorCode);
  }

  /** Injects #UD. */
  public void invalidOpcode() {
    inject(INVALID_OPCODE, NO_ERROR_CODE);
  }

  /** Injects #VE for the instruction that exited; addresses are zero. */
  public void virtualizationOfInstruction(long qualification) {
    virtualization(exit.reason, qualification, 0, 0);
  }

  /** Injects #VE for an EPT violation at {@code gpa}. */
  public void virtualizationOfAccess(long qualification, long gla, long gpa) {
    virtualization(ExitReason.EPT_VIOLATION.number(), qualification, gla, gpa);
  }

  private void virtualization(int reason, long qualification, long gla, long gpa) {
    // A second #VE before the guest took the first one's information has nowhere to go.
    if (ve.valid || isWhileFaulting()) {
      inject(DOUBLE_FAULT, 0);
      return;
    }
    ve.exitReason = reason;
    ve.qualification = qualification;
    ve.guestLinearAddress = gla;
    ve.guestPhysicalAddress = gpa;
    ve.instructionLength = exit.instructionLength;
    ve.instructionInfo = exit.instructionInfo;
    ve.valid = true;
    inject(VIRTUALIZATION, NO_ERROR_CODE);
  }

  /**
   * Whether the exit came while an exception was delivered that makes another one a double fault.
   */
  private boolean isWhileFaulting() {
    int vectoring = exit.idtVectoringInfo;
    return vectoring < 0
        && (vectoring >>> 8 & 7) == Processor.HARDWARE_EXCEPTION
        && (DOUBLE_FAULT_CLASS >>> (vectoring & 0x1f) & 1) != 0;
  }

  /** Delivers again, at the next entry, an event whose delivery the VM exit interrupted. */
  public void redeliver() {
    int info = exit.idtVectoringInfo;
    if ((info & VALID) != 0 && !injected) {
      boolean withCode = (info & HAS_ERROR_CODE) != 0;
      processor.inject(
          info & 0xff,
          info >>> 8 & 7,
          withCode ? exit.idtVectoringErrorCode : NO_ERROR_CODE,
          exit.instructionLength);
    }
  }

  private void inject(int vector, int errorCode) {
    state.setRflags(state.rflags() | RESUME_FLAG);
    processor.inject(vector, Processor.HARDWARE_EXCEPTION, errorCode, 0);
    injected = true;
  }
}
