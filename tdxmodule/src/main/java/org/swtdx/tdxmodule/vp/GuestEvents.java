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

  /**
   * Injects #PF for {@code address}, or #DF if that came while #PF or #VE was delivered.
   *
   * @return false if it came while #DF was delivered: the vCPU shuts down
   */
  public boolean pageFault(long address, int errorCode) {
    state.setCr(2, address);
    int interrupted = interruptedException();
    if (interrupted == DOUBLE_FAULT) {
      return false;
    }
    boolean nested = interrupted == PAGE_FAULT || interrupted == VIRTUALIZATION;
    inject(nested ? DOUBLE_FAULT : PAGE_FAULT, nested ? 0 : errorCode);
    return true;
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
    if (ve.valid) {
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

  /** Vector of the exception whose delivery the exit interrupted, or -1. */
  private int interruptedException() {
    int vectoring = exit.idtVectoringInfo;
    boolean exception =
        (vectoring & VALID) != 0 && (vectoring >>> 8 & 7) == Processor.HARDWARE_EXCEPTION;
    return exception ? vectoring & 0xff : -1;
  }

  /** Whether an exception was injected since {@link #begin}. */
  public boolean injected() {
    return injected;
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
