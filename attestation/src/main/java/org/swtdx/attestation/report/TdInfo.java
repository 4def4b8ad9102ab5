package org.swtdx.attestation.report;

/** TDINFO: the measurements and the configuration of a TD (512 bytes; TDX Module ABI). */
public final class TdInfo extends ReportBytes {
  /** Size in bytes. */
  public static final int SIZE = 512;

  /** Number of run-time measurement registers. */
  public static final int RTMRS = 4;

  /** Reads the structure; {@code bytes} must have {@link #SIZE} bytes. */
  public TdInfo(byte[] bytes) {
    super(bytes, SIZE);
  }

  /** TD attributes, ATTRIBUTES of TD_PARAMS. */
  public long attributes() {
    return longAt(0);
  }

  /** Extended features that the TD may use. */
  public long xfam() {
    return longAt(8);
  }

  /** Measurement of the TD's initial contents (48 bytes). */
  public byte[] mrTd() {
    return field(16, 48);
  }

  /** Software-defined identity of the configuration (48 bytes). */
  public byte[] mrConfigId() {
    return field(64, 48);
  }

  /** Software-defined identity of the owner (48 bytes). */
  public byte[] mrOwner() {
    return field(112, 48);
  }

  /** Software-defined identity of the owner's configuration (48 bytes). */
  public byte[] mrOwnerConfig() {
    return field(160, 48);
  }

  /**
   * A run-time measurement register (48 bytes).
   *
   * @param index 0 to 3
   */
  public byte[] rtmr(int index) {
    return field(208 + 48 * java.util.Objects.checkIndex(index, RTMRS), 48);
  }

  /** Hash of the bound service TDs, zero when there are none (48 bytes). */
  public byte[] servTdHash() {
    return field(400, 48);
  }
}
