package org.swtdx.attestation.quote;

import java.util.Arrays;

/**
 * What a quote says about an enclave, and what a quoting enclave says about itself: an SGX report
 * body of 384 bytes (Intel SDM, "REPORT"). Immutable.
 */
public final class EnclaveReportBody implements QuoteBody {
  /** Size in bytes. */
  public static final int SIZE = 384;

  private static final int MISC_SELECT = 16;
  private static final int ATTRIBUTES = 48;
  private static final int DEBUG = 1 << 1;
  private static final int MR_ENCLAVE = 64;
  private static final int MR_SIGNER = 128;
  private static final int PROD_ID = 256;
  private static final int SVN = 258;
  private static final int REPORT_DATA = 320;

  private final byte[] bytes;

  EnclaveReportBody(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Security versions of the processor (16 bytes). */
  public byte[] cpuSvn() {
    return Arrays.copyOf(bytes, 16);
  }

  /** Which state the enclave saves besides registers (4 bytes). */
  public byte[] miscSelect() {
    return Arrays.copyOfRange(bytes, MISC_SELECT, MISC_SELECT + 4);
  }

  /** Attributes: flags and XFRM (16 bytes). */
  public byte[] attributes() {
    return Arrays.copyOfRange(bytes, ATTRIBUTES, ATTRIBUTES + 16);
  }

  @Override
  public boolean isDebuggable() {
    return (bytes[ATTRIBUTES] & DEBUG) != 0;
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

  @Override
  public byte[] reportData() {
    return Arrays.copyOfRange(bytes, REPORT_DATA, REPORT_DATA + 64);
  }

  @Override
  public byte[] toBytes() {
    return bytes.clone();
  }
}
