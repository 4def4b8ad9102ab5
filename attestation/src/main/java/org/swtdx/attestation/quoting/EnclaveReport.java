package org.swtdx.attestation.quoting;

import java.util.Arrays;
import org.swtdx.attestation.quote.EnclaveReportBody;

/** Composes the quoting enclave's report about itself (Intel SDM, REPORT structure). */
final class EnclaveReport {
  /** Product of the TD quoting enclave. */
  static final int PROD_ID = 2;

  /** Security version of the enclave. */
  static final int SVN = 1;

  private static final int CPU_SVN_AT = 0;
  private static final int ATTRIBUTES_AT = 48;
  private static final int MR_ENCLAVE_AT = 64;
  private static final int MR_SIGNER_AT = 128;
  private static final int PROD_ID_AT = 256;
  private static final int SVN_AT = 258;
  private static final int REPORT_DATA_AT = 320;

  private EnclaveReport() {}

  /** Composes a report; {@code binding} is the low half of its report data. */
  static byte[] compose(byte[] mrEnclave, byte[] mrSigner, byte[] binding) {
    byte[] report = new byte[EnclaveReportBody.SIZE];
    Arrays.fill(report, CPU_SVN_AT, CPU_SVN_AT + 2, (byte) 1);
    report[ATTRIBUTES_AT] = 0x15; // initialised, 64-bit, provisioning key
    report[ATTRIBUTES_AT + 8] = (byte) 0xe7; // XFRM
    System.arraycopy(mrEnclave, 0, report, MR_ENCLAVE_AT, 32);
    System.arraycopy(mrSigner, 0, report, MR_SIGNER_AT, 32);
    report[PROD_ID_AT] = PROD_ID;
    report[SVN_AT] = SVN;
    System.arraycopy(binding, 0, report, REPORT_DATA_AT, 32);
    return report;
  }
}
