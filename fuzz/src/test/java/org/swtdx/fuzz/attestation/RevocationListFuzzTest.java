package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.RevocationList;
import org.swtdx.fuzz.FuzzTarget;

/** Revocation lists, damaged or made up, are refused or say whom they revoke. */
class RevocationListFuzzTest extends FuzzTarget {
  private static final byte[] LIST = Genuine.collateral().pckCrl();

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    read(input);
    read(Genuine.damaged(LIST, input));
  }

  private static void read(byte[] der) {
    try {
      Genuine.describe(RevocationList.parse(der));
    } catch (CertificateFormatException _) {
      return;
    }
  }

  @Override
  protected int longestInput() {
    return 12;
  }
}
