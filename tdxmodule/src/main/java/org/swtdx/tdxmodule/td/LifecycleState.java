package org.swtdx.tdxmodule.td;

/** A TD's key life cycle, TDR.LIFECYCLE_STATE; ordinals are the architectural values. */
public enum LifecycleState {
  /** TDH.MNG.KEY.CONFIG is missing on some package. */
  TD_HKID_ASSIGNED,
  /** The TD's key is in place on every package: the TD can live. */
  TD_KEYS_CONFIGURED,
  /** No vCPU runs any more; caches wait to be written back. */
  TD_BLOCKED,
  /** The KeyID is free; pages can be reclaimed. */
  TD_TEARDOWN
}
