package org.swtdx.tdxmodule.vp;

/** TDVPS.LAST_TD_EXIT: how the vCPU left the TD, which says what the next entry does. */
public enum LastExit {
  /** Before an instruction completed, or not yet run at all. */
  ASYNC_FAULT(0),
  /** After an instruction completed. */
  ASYNC_TRAP(1),
  /** By TDG.VP.VMCALL: the host returns registers to the guest. */
  TDVMCALL(2);

  private final int number;

  LastExit(int number) {
    this.number = number;
  }

  /** The architectural value. */
  public int number() {
    return number;
  }
}
