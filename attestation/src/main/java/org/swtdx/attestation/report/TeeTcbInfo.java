package org.swtdx.attestation.report;

/** TEE_TCB_INFO: the TDX module that a TD runs on (239 bytes; TDX Module ABI, TDREPORT_STRUCT). */
public final class TeeTcbInfo extends ReportBytes {
  /** Size in bytes. */
  public static final int SIZE = 239;

  /** Reads the structure; {@code bytes} must have {@link #SIZE} bytes. */
  public TeeTcbInfo(byte[] bytes) {
    super(bytes, SIZE);
  }

  /** Which fields are valid, a bit for each. */
  public long valid() {
    return longAt(0);
  }

  /** Security versions of the module and the processor (16 bytes). */
  public byte[] teeTcbSvn() {
    return field(8, 16);
  }

  /** Measurement of the module (48 bytes). */
  public byte[] mrSeam() {
    return field(24, 48);
  }

  /** Measurement of the module's signer, zero for Intel's (48 bytes). */
  public byte[] mrSignerSeam() {
    return field(72, 48);
  }

  /** Attributes of the module. */
  public long attributes() {
    return longAt(120);
  }

  /** Security versions after an update that preserved TDs (16 bytes). */
  public byte[] teeTcbSvn2() {
    return field(128, 16);
  }
}
