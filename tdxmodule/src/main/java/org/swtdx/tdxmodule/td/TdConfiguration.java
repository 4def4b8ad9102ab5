package org.swtdx.tdxmodule.td;

/** What TDH.MNG.INIT configures: TD_PARAMS and what follows from it. Constant afterwards. */
public final class TdConfiguration {
  /** ATTRIBUTES. */
  public long attributes;

  /** XFAM. */
  public long xfam;

  /** MAX_VCPUS. */
  public int maxVcpus;

  /** Whether guest physical addresses have 52 bits, else 48. */
  public boolean gpaw52;

  /** EPTP as the processor uses it: root HPA and EPTP_CONTROLS. */
  public long eptp;

  /** CONFIG_FLAGS. */
  public long configFlags;

  /** Virtual TSC frequency in units of 25 MHz. */
  public int tscFrequency;

  /** TSC multiplier with 48 fractional bits. */
  public long tscMultiplier;

  /** TSC offset: makes the virtual TSC start at 0. */
  public long tscOffset;

  /** MAXPHYADDR that CPUID shows, or 0 for the native one. */
  public int virtualMaxPa;

  /** IA32_ARCH_CAPABILITIES as the guest reads it. */
  public long archCapabilities;

  /** Bytes of the XSAVE area for XFAM. */
  public int xbuffSize;

  /** MRCONFIGID. */
  public final byte[] mrConfigId = new byte[Tdcs.MEASUREMENT_SIZE];

  /** MROWNER. */
  public final byte[] mrOwner = new byte[Tdcs.MEASUREMENT_SIZE];

  /** MROWNERCONFIG. */
  public final byte[] mrOwnerConfig = new byte[Tdcs.MEASUREMENT_SIZE];

  /** A configuration of zeros. */
  public TdConfiguration() {}

  /** Guest physical address width: 48 or 52. */
  public int gpaw() {
    return gpaw52 ? 52 : 48;
  }
}
