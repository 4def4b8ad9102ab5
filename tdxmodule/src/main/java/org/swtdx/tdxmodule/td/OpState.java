package org.swtdx.tdxmodule.td;

/** A TD's operation state, TDCS.OP_STATE; ordinals are the architectural values. */
public enum OpState {
  /** TDH.MNG.INIT comes next. */
  UNINITIALIZED(false),
  /** Being built and measured. */
  INITIALIZED(false),
  /** Measured; vCPUs may run. */
  RUNNABLE(true),
  /** Running while it is exported. */
  LIVE_EXPORT(true),
  /** Stopped for the last part of an export. */
  PAUSED_EXPORT(false),
  /** Exported; may continue at the destination. */
  POST_EXPORT(false),
  /** Memory is being imported. */
  MEMORY_IMPORT(false),
  /** Control state is being imported. */
  STATE_IMPORT(false),
  /** Imported in order; may not run yet. */
  POST_IMPORT(false),
  /** Running while the rest is imported. */
  LIVE_IMPORT(true),
  /** An import failed. */
  FAILED_IMPORT(false);

  private final boolean trackingRequired;

  OpState(boolean trackingRequired) {
    this.trackingRequired = trackingRequired;
  }

  /** Whether vCPUs may hold translations, so that removal needs block and TLB tracking first. */
  public boolean trackingRequired() {
    return trackingRequired;
  }

  /** Whether removed pages are remembered so that they are not imported again. */
  public boolean importInProgress() {
    return ordinal() >= MEMORY_IMPORT.ordinal() && ordinal() <= LIVE_IMPORT.ordinal();
  }

  /** The state's bit in allow lists. */
  public int bit() {
    return 1 << ordinal();
  }
}
