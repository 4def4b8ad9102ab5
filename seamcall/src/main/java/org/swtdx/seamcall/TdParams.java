package org.swtdx.seamcall;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * TD_PARAMS, the input of TDH.MNG.INIT. Source: TDX module 1.5 ABI.
 *
 * @param attributes ATTRIBUTES
 * @param xfam XFAM
 * @param maxVcpus most vCPUs
 * @param eptpControls memory type in bits 2:0, walk length minus one in bits 5:3
 * @param configFlags CONFIG_FLAGS
 * @param tscFrequency units of 25 MHz
 * @param mrConfigId 48 bytes
 * @param mrOwner 48 bytes
 * @param mrOwnerConfig 48 bytes
 * @param cpuid values for the configurable leaves, in the module's order
 */
@SuppressWarnings("ArrayRecordComponent") // digests are passed through, never compared
public record TdParams(
    long attributes,
    long xfam,
    int maxVcpus,
    long eptpControls,
    long configFlags,
    int tscFrequency,
    byte[] mrConfigId,
    byte[] mrOwner,
    byte[] mrOwnerConfig,
    List<CpuidConfig> cpuid) {
  /** Bytes of the structure, and its alignment. */
  public static final int SIZE = 1024;

  /** {@link #configFlags}: guest physical addresses have 52 bits, else 48. */
  public static final long CONFIG_GPAW_52 = 1;

  /** {@link #configFlags}: RBP survives TDH.VP.ENTER. */
  public static final long CONFIG_NO_RBP_MOD = 1 << 2;

  /** {@link #eptpControls}: write-back tables, 4-level walk. */
  public static final long EPTP_WB_4_LEVELS = 6 | 3 << 3;

  /** {@link #eptpControls}: write-back tables, 5-level walk. */
  public static final long EPTP_WB_5_LEVELS = 6 | 4 << 3;

  private static final int CPUID_OFFSET = 256;

  /** Returns the structure as the module reads it. */
  public byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(0, attributes).putLong(8, xfam).putShort(16, (short) maxVcpus);
    buffer.putLong(24, eptpControls).putLong(32, configFlags);
    buffer.putShort(40, (short) tscFrequency);
    buffer.put(80, mrConfigId, 0, 48).put(128, mrOwner, 0, 48).put(176, mrOwnerConfig, 0, 48);
    int at = CPUID_OFFSET;
    for (CpuidConfig value : cpuid) {
      buffer.putInt(at, value.eax()).putInt(at + 4, value.ebx());
      buffer.putInt(at + 8, value.ecx()).putInt(at + 12, value.edx());
      at += 16;
    }
    return buffer.array();
  }
}
