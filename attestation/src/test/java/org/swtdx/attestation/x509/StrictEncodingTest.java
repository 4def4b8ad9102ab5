package org.swtdx.attestation.x509;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.crypto.EcdsaProviders;
import org.swtdx.attestation.verify.IntelRoot;

/** One certificate has one encoding: every other way of writing it is refused. */
final class StrictEncodingTest {
  private static final byte[] DER = IntelRoot.certificate().encoded();
  private static final String PEM = PemCertificates.text(List.of(IntelRoot.certificate()));

  private static void assertRefused(byte[] der) {
    assertThatExceptionOfType(CertificateFormatException.class)
        .isThrownBy(() -> Certificate.parse(der));
  }

  @Test
  void builtInRootIsIntels() {
    Certificate root = IntelRoot.certificate();

    assertThat(root.subject().commonName()).isEqualTo("Intel SGX Root CA");
    assertThat(root.isSelfIssued()).isTrue();
    assertThat(root.isSignedBy(root, EcdsaProviders.javaOnly())).isTrue();
    assertThat(root.notAfter()).isEqualTo("2049-12-31T23:59:59Z");
    assertThat(root.maySignCertificates() && root.maySignLists()).isTrue();
  }

  @Test
  void bytesAfterTheEndAreRefused() {
    assertRefused(Arrays.copyOf(DER, DER.length + 1));
  }

  @Test
  void everyShorterEncodingIsRefused() {
    for (int size = 0; size < DER.length; size++) {
      assertRefused(Arrays.copyOf(DER, size));
    }
  }

  @Test
  void lengthWithALeadingZeroIsRefused() {
    byte[] longer = new byte[DER.length + 1];
    longer[0] = DER[0];
    longer[1] = (byte) 0x83;
    System.arraycopy(DER, 2, longer, 3, DER.length - 2);

    assertRefused(longer);
  }

  @Test
  void indefiniteLengthIsRefused() {
    byte[] ber = new byte[DER.length];
    ber[0] = DER[0];
    ber[1] = (byte) 0x80;
    System.arraycopy(DER, 4, ber, 2, DER.length - 4); // and the two zeros at the end

    assertRefused(ber);
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\t", "x", "\n-----BEGIN CERTIFICATE-----", "-"})
  void textBesideThePemIsRefused(String text) {
    for (String pem : List.of(text + PEM, PEM + text)) {
      assertThatExceptionOfType(CertificateFormatException.class)
          .isThrownBy(() -> PemCertificates.parse(pem, 3));
    }
  }

  @Test
  void lineEndsAndAZeroAtTheEndAreAccepted() throws Exception {
    byte[] zero = Arrays.copyOf(PEM.getBytes(US_ASCII), PEM.length() + 1);

    assertThat(PemCertificates.parse(zero, 1)).containsExactly(IntelRoot.certificate());
    assertThat(PemCertificates.parse(PEM.replace("\n", "\r\n"), 1)).hasSize(1);
    assertThat(PemCertificates.parse(PEM + PEM, 2)).hasSize(2);
  }

  @Test
  void moreCertificatesThanAllowedAreRefused() {
    assertThatExceptionOfType(CertificateFormatException.class)
        .isThrownBy(() -> PemCertificates.parse(PEM + PEM, 1))
        .withMessageContaining("more than 1");
  }

  @Test
  void base64WithUnusedBitsIsRefused() {
    byte[] odd = Arrays.copyOf(DER, DER.length); // 659 bytes: the last digit has unused bits
    String digits = Base64.getEncoder().encodeToString(odd);
    assertThat(digits).endsWith("=");
    int last = digits.indexOf('=') - 1;
    String other =
        digits.substring(0, last) + (char) (digits.charAt(last) + 1) + digits.substring(last + 1);

    assertThat(Base64.getDecoder().decode(other)).isEqualTo(DER);
    assertThatExceptionOfType(CertificateFormatException.class)
        .isThrownBy(
            () ->
                PemCertificates.parse(
                    "-----BEGIN CERTIFICATE-----\n" + other + "\n-----END CERTIFICATE-----\n", 1))
        .withMessageContaining("canonical");
  }
}
