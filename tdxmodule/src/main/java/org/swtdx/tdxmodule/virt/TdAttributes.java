package org.swtdx.tdxmodule.virt;

import org.swtdx.cpu.CpuidModel;

/** Bits of TD_PARAMS.ATTRIBUTES, TDX Module ABI Reference, "ATTRIBUTES". */
public final class TdAttributes {
  /** The host may read and write the TD's state. */
  public static final long DEBUG = 1;

  /** Linear-address-space separation. */
  public static final long LASS = 1L << 27;

  /** An access to a pending page leaves the TD instead of raising #VE. */
  public static final long SEPT_VE_DISABLE = 1L << 28;

  /** Supervisor protection keys. */
  public static final long PKS = 1L << 30;

  /** Performance monitoring. */
  public static final long PERFMON = 1L << 63;

  private TdAttributes() {}

  /**
   * Bits that may be 1 on this platform (ATTRIBUTES_FIXED0). Migration, service TDs and performance
   * monitoring are not offered; LASS and PKS depend on the processor.
   */
  public static long allowed(CpuidModel processor) {
    long bits = DEBUG | SEPT_VE_DISABLE;
    if ((processor.cpuid(7, 1).eax() & 1 << 6) != 0) {
      bits |= LASS;
    }
    if (processor.cpuid(7, 0).ecx() < 0) {
      bits |= PKS;
    }
    return bits;
  }

  /** Bits that must be 1 (ATTRIBUTES_FIXED1). */
  public static long required() {
    return 0;
  }
}
