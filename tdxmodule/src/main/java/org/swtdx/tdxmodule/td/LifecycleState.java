package org.swtdx.tdxmodule.td;

/** A TD's key life cycle, TDR.LIFECYCLE_STATE. */
public enum LifecycleState {
  /** TDH.MNG.KEY.CONFIG is missing on some package. */
  TD_HKID_ASSIGNED(0),
  /** The TD's key is in place on every package: the TD can live. */
  TD_KEYS_CONFIGURED(1),
  /** No vCPU runs any more; caches wait to be written back. */
  TD_BLOCKED(2),
  /** The KeyID is free; pages can be reclaimed. */
  TD_TEARDOWN(3);

  private final int value;

  LifecycleState(int value) {
    this.value = value;
  }

  /** The architectural value. */
  public int value() {
    return value;
  }
}
