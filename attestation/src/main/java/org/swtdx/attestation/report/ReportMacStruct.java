package org.swtdx.attestation.report;

/** REPORTMACSTRUCT: what the processor authenticates (256 bytes; Intel SDM, SEAMREPORT). */
public final class ReportMacStruct extends ReportBytes {
  /** Size in bytes. */
  public static final int SIZE = 256;

  /** Type of a report about a TD. */
  public static final int TYPE_TDX = 0x81;

  static final int MAC_OFFSET = 224;

  /** Reads the structure; {@code bytes} must have {@link #SIZE} bytes. */
  public ReportMacStruct(byte[] bytes) {
    super(bytes, SIZE);
  }

  /** Report type; {@link #TYPE_TDX} for a TD. */
  public int type() {
    return byteAt(0);
  }

  /** Report sub-type; 0 for a TD. */
  public int subType() {
    return byteAt(1);
  }

  /** Report version: 0, or 1 when a service TD is bound. */
  public int version() {
    return byteAt(2);
  }

  /** Security version of the processor (16 bytes). */
  public byte[] cpuSvn() {
    return field(16, 16);
  }

  /** SHA-384 of TEE_TCB_INFO. */
  public byte[] teeTcbInfoHash() {
    return field(32, 48);
  }

  /** SHA-384 of TDINFO. */
  public byte[] teeInfoHash() {
    return field(80, 48);
  }

  /** What the TD chose to bind to the report (64 bytes). */
  public byte[] reportData() {
    return field(128, 64);
  }

  /** MAC over all bytes before it (32 bytes). */
  public byte[] mac() {
    return field(MAC_OFFSET, 32);
  }
}
