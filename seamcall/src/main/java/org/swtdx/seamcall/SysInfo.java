package org.swtdx.seamcall;

import java.util.List;
import org.swtdx.memory.Cmr;

/**
 * What the module reports about itself through TDH.SYS.RD.
 *
 * @param version "major.minor.update"
 * @param buildDate BCD date YYYYMMDD
 * @param buildNumber build number
 * @param features TDX_FEATURES0
 * @param maxTdmrs most TDMRs that can be configured
 * @param maxReservedPerTdmr most reserved areas in a TDMR
 * @param pamtEntrySizes bytes of a PAMT entry for 4 KiB, 2 MiB and 1 GiB
 * @param tdcsPages pages of a TD's control structure
 * @param tdvpsPages pages of a vCPU's state, the TDVPR included
 * @param attributesFixed0 ATTRIBUTES bits that may be 1
 * @param attributesFixed1 ATTRIBUTES bits that must be 1
 * @param xfamFixed0 XFAM bits that may be 1
 * @param xfamFixed1 XFAM bits that must be 1
 * @param maxVcpusPerTd most vCPUs of a TD
 * @param cpuidConfig the configurable CPUID leaves, in TD_PARAMS order
 * @param cmrs the convertible memory ranges, adjacent ones merged
 */
public record SysInfo(
    String version,
    int buildDate,
    int buildNumber,
    long features,
    int maxTdmrs,
    int maxReservedPerTdmr,
    List<Integer> pamtEntrySizes,
    int tdcsPages,
    int tdvpsPages,
    long attributesFixed0,
    long attributesFixed1,
    long xfamFixed0,
    long xfamFixed1,
    int maxVcpusPerTd,
    List<CpuidConfig> cpuidConfig,
    List<Cmr> cmrs) {
  /** Bit of {@link #features}: the host's RBP survives TDH.VP.ENTER. */
  public static final int NO_RBP_MOD = 18;

  /** Bit of {@link #features}: the TD can be given its own CPU topology. */
  public static final int TOPOLOGY_ENUM = 20;

  /** Whether a bit of {@link #features} is set. */
  public boolean has(int feature) {
    return (features >>> feature & 1) != 0;
  }
}
