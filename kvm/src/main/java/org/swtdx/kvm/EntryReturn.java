package org.swtdx.kvm;

import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;

/**
 * What the 64-bit return value of TDH.VP.ENTER means. A VM-exit reason exists only in {@link Exit}
 * and {@link FailedEntry}: no other value's low half can be taken for one.
 */
sealed interface EntryReturn {
  /** An operand was busy: enter again. */
  record Retry() implements EntryReturn {}

  /** The instruction itself failed: the module did not run. */
  record NotRun() implements EntryReturn {}

  /** The module refused the entry: there was no VM exit. */
  record Refused() implements EntryReturn {}

  /**
   * The VM entry failed.
   *
   * @param reason the whole VM-exit reason
   */
  record FailedEntry(int reason) implements EntryReturn {}

  /**
   * The vCPU or the TD cannot run any more, for no reason that user space could handle.
   *
   * @param status why
   */
  record Lost(TdxStatus status) implements EntryReturn {}

  /**
   * A VM exit.
   *
   * @param reason basic exit reason
   */
  record Exit(int reason) implements EntryReturn {}

  /** Basic exit reason of a triple fault, the one that stays an exit when the vCPU is lost. */
  int TRIPLE_FAULT = 2;

  /** Bit of the exit reason that says that the entry failed. */
  int FAILED = 1 << 31;

  /** Classifies a return value; every value has exactly one meaning. */
  static EntryReturn of(long ret) {
    if (TdxStatus.is(ret, StatusCode.OPERAND_BUSY)) {
      return new Retry();
    }
    if (!describesExit(ret)) {
      return TdxStatus.of(ret).isSoftwareError() ? new NotRun() : new Refused();
    }
    int reason = (int) ret;
    if ((reason & FAILED) != 0) {
      return new FailedEntry(reason);
    }
    int basic = reason & 0xffff;
    boolean nonRecoverable = ret >>> 62 != 0;
    return nonRecoverable && basic != TRIPLE_FAULT ? new Lost(TdxStatus.of(ret)) : new Exit(basic);
  }

  private static boolean describesExit(long ret) {
    return TdxStatus.is(ret, StatusCode.SUCCESS)
        || TdxStatus.is(ret, StatusCode.NON_RECOVERABLE_VCPU)
        || TdxStatus.is(ret, StatusCode.NON_RECOVERABLE_TD)
        || TdxStatus.is(ret, StatusCode.NON_RECOVERABLE_TD_NON_ACCESSIBLE)
        || TdxStatus.is(ret, StatusCode.NON_RECOVERABLE_TD_WRONG_APIC_MODE);
  }
}
