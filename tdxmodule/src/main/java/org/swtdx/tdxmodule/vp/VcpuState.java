package org.swtdx.tdxmodule.vp;

/** TDVPS.VCPU_STATE. */
public enum VcpuState {
  /** Created, not initialized. */
  UNINITIALIZED(0),
  /** Can be entered. */
  READY(2),
  /** Running. */
  ACTIVE(4),
  /** Shut down for good. */
  DISABLED(8),
  /** Being imported. */
  IMPORT(16);

  private final int number;

  VcpuState(int number) {
    this.number = number;
  }

  /** The architectural value. */
  public int number() {
    return number;
  }
}
