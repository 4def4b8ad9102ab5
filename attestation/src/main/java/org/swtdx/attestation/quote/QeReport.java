package org.swtdx.attestation.quote;

import java.util.Arrays;

/** The report of the quoting enclave about itself: an SGX report body of 384 bytes. Immutable. */
public final class QeReport {
  /** Size in bytes. */
  public static final int SIZE = 384;

  private static final int MR_ENCLAVE = 64;
  private static final int MR_SIGNER = 128;
  private static final int PROD_ID = 256;
  private static final int SVN = 258;
  private static final int REPORT_DATA = 320;

  private final byte[] bytes;

  QeReport(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Measurement of the enclave (32 bytes). */
  public byte[] mrEnclave() {
    return Arrays.copyOfRange(bytes, MR_ENCLAVE, MR_ENCLAVE + 32);
  }

  /** Measurement of the enclave's signer (32 bytes). */
  public byte[] mrSigner() {
    return Arrays.copyOfRange(bytes, MR_SIGNER, MR_SIGNER + 32);
  }

  /** Product of the signer. */
  public int isvProdId() {
    return bytes[PROD_ID] & 0xff | (bytes[PROD_ID + 1] & 0xff) << 8;
  }

  /** Security version of the enclave. */
  public int isvSvn() {
    return bytes[SVN] & 0xff | (bytes[SVN + 1] & 0xff) << 8;
  }

  /** Report data (64 bytes): the hash that binds the attestation key, then zeros. */
  public byte[] reportData() {
    return Arrays.copyOfRange(bytes, REPORT_DATA, REPORT_DATA + 64);
  }

  /** Returns the report's 384 bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }
}
