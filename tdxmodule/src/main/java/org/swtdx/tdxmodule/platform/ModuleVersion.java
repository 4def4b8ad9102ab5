package org.swtdx.tdxmodule.platform;

/** What this module says of itself: the interface version it follows and the features it has. */
public final class ModuleVersion {
  /** Interface version 1.5.06. */
  public static final int MAJOR = 1, MINOR = 5, UPDATE = 6;

  /** VENDOR_ID. */
  public static final int VENDOR = 0x8086;

  /** BUILD_DATE as BCD yyyymmdd. */
  public static final int BUILD_DATE = 0x20251121;

  /** BUILD_NUM. */
  public static final int BUILD_NUMBER = 1;

  /** Handoff versions that this module writes, and the oldest that it reads. */
  public static final int MODULE_HV = 0, MIN_UPDATE_HV = 0;

  /** Whether an older module may replace this one. */
  public static final boolean NO_DOWNGRADE = false;

  /** TDX_FEATURES0: exactly what the leaves of this module do. */
  public static final long FEATURES0 =
      1L << 1 // TD-preserving update
          | 1L << 3 // TDG.VP.RD and TDG.VP.WR
          | 1L << 4 // relaxed memory management concurrency
          | 1L << 5 // guest control of CPUID virtualization
          | 1L << 8 // local attestation
          | 1L << 10 // host-priority locks
          | 1L << 11 // configurable IA32_ARCH_CAPABILITIES
          | 1L << 16 // guest control of #VE on pending pages
          | 1L << 17 // configurable family, model and stepping
          | 1L << 18 // NO_RBP_MOD
          | 1L << 20 // topology enumeration
          | 1L << 27 // virtual MAXPA
          | 1L << 29; // CPUID leaf 2 virtualization

  private ModuleVersion() {}
}
