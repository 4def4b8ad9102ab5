package org.swtdx.tdxmodule.td;

/** A TD's operation state, TDCS.OP_STATE. */
public enum OpState {
  /** TDH.MNG.INIT comes next. */
  UNINITIALIZED(0, false),
  /** Being built and measured. */
  INITIALIZED(1, false),
  /** Measured; vCPUs may run. */
  RUNNABLE(2, true),
  /** Running while it is exported. */
  LIVE_EXPORT(3, true),
  /** Stopped for the last part of an export. */
  PAUSED_EXPORT(4, false),
  /** Exported; may continue at the destination. */
  POST_EXPORT(5, false),
  /** Memory is being imported. */
  MEMORY_IMPORT(6, false),
  /** Control state is being imported. */
  STATE_IMPORT(7, false),
  /** Imported in order; may not run yet. */
  POST_IMPORT(8, false),
  /** Running while the rest is imported. */
  LIVE_IMPORT(9, true),
  /** An import failed. */
  FAILED_IMPORT(10, false);

  private final int value;
  private final boolean trackingRequired;

  OpState(int value, boolean trackingRequired) {
    this.value = value;
    this.trackingRequired = trackingRequired;
  }

  /** The architectural value. */
  public int value() {
    return value;
  }

  /** Whether vCPUs may hold translations, so that removal needs block and TLB tracking first. */
  public boolean trackingRequired() {
    return trackingRequired;
  }

  /** Whether removed pages are remembered so that they are not imported again. */
  public boolean importInProgress() {
    return switch (this) {
      case MEMORY_IMPORT, STATE_IMPORT, POST_IMPORT, LIVE_IMPORT -> true;
      default -> false;
    };
  }

  /** The state's bit in allow lists. */
  public int bit() {
    return 1 << value;
  }
}
