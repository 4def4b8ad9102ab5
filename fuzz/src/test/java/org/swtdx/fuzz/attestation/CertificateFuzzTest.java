package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.swtdx.attestation.quoting.PkiRole;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.PemCertificates;
import org.swtdx.attestation.x509.SgxExtensions;
import org.swtdx.fuzz.FuzzTarget;

/** Certificates and SGX extensions, damaged or made up, are refused or say what they say. */
class CertificateFuzzTest extends FuzzTarget {
  private static final byte[] PCK = Genuine.certificate(PkiRole.PCK);
  private static final byte[] PEM = Genuine.utf8(Genuine.pem(PkiRole.PCK));

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    read(input);
    read(Genuine.damaged(PCK, input));
    try {
      for (Certificate certificate : PemCertificates.parse(Genuine.damaged(PEM, input), 3)) {
        Genuine.describe(certificate);
      }
    } catch (CertificateFormatException _) {
      return;
    }
  }

  private static void read(byte[] der) {
    try {
      Certificate certificate = Certificate.parse(der);
      if (!Arrays.equals(certificate.encoded(), der)) {
        throw new AssertionError("a certificate is not what was read");
      }
      Genuine.describe(certificate.subject());
      Genuine.describe(certificate.issuer());
      SgxExtensions.of(certificate);
    } catch (CertificateFormatException _) {
      return;
    }
  }

  @Override
  protected int longestInput() {
    return 12;
  }
}
