package org.swtdx.tdxmodule.virt;

import org.swtdx.tdxmodule.measure.LittleEndian;

/** A valid TD_PARAMS to start a test from. */
public final class TdParamsImage {
  private final byte[] bytes = new byte[TdParameters.SIZE];

  public TdParamsImage() {
    put64(0, 0).put64(8, 7).put16(16, 4).put64(24, 0x1e).put64(32, TdParameters.NO_RBP_MOD);
    put16(40, 40);
  }

  public TdParamsImage put8(int offset, int value) {
    bytes[offset] = (byte) value;
    return this;
  }

  public TdParamsImage put16(int offset, int value) {
    LittleEndian.put16(bytes, offset, value);
    return this;
  }

  public TdParamsImage put64(int offset, long value) {
    LittleEndian.put64(bytes, offset, value);
    return this;
  }

  public TdParamsImage attributes(long value) {
    return put64(0, value);
  }

  public TdParamsImage xfam(long value) {
    return put64(8, value);
  }

  public TdParamsImage flags(long value) {
    return put64(32, value);
  }

  /** Sets register {@code r} (0 EAX to 3 EDX) of the CPUID_CONFIG entry for a leaf. */
  public TdParamsImage cpuid(int leaf, int subleaf, int r, int value) {
    for (int i = 0; i < TdCpuid.configCount(); i++) {
      if (TdCpuid.configLeaf(i) == leaf && TdCpuid.configSubleaf(i) == subleaf) {
        LittleEndian.put32(bytes, 256 + 16 * i + 4 * r, value);
        return this;
      }
    }
    throw new IllegalArgumentException("leaf is not configurable");
  }

  public byte[] bytes() {
    return bytes.clone();
  }
}
