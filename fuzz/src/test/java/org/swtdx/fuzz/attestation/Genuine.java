package org.swtdx.fuzz.attestation;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.util.SplittableRandom;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiRole;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.QuoteVersion;
import org.swtdx.attestation.quoting.QuotingEnclave;
import org.swtdx.attestation.quoting.QuotingException;
import org.swtdx.attestation.quoting.ReportBuilder;
import org.swtdx.attestation.quoting.TestPki;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.fuzz.Choices;

/** A genuine quote and its collateral, for targets to damage. */
final class Genuine {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final TestPki PKI = TestPki.create(new SplittableRandom(1), NOW);

  private Genuine() {}

  static byte[] quote(QuoteVersion version) {
    try {
      byte[] report = new ReportBuilder().build(PKI.reportMac()).toBytes();
      return new QuotingEnclave(PKI, PKI.reportMac()).quote(report, version);
    } catch (QuotingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Collateral collateral() {
    return new CollateralIssuer(PKI, PkiState.INITIAL.revoke(PkiRole.PCK)).issue(NOW);
  }

  static byte[] certificate(PkiRole role) {
    try {
      return PKI.certificate(role).getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  static String pem(PkiRole role) {
    return PKI.pem(role);
  }

  static QuoteVerifier.Builder verifier() {
    try {
      return QuoteVerifier.builder()
          .trustedRoot(Certificate.parse(certificate(PkiRole.ROOT_CA)))
          .policy(Policy.builder().signaturesOnly(true).build())
          .clock(() -> NOW);
    } catch (CertificateFormatException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The bytes with some of them overwritten, inserted or cut off, as the input says. */
  static byte[] damaged(byte[] bytes, byte[] input) {
    Choices choices = new Choices(input);
    byte[] result = bytes.clone();
    while (choices.more() && result.length > 0) {
      int at = choices.u16() % result.length;
      switch (choices.below(3)) {
        case 0 -> result[at] = (byte) choices.u8();
        case 1 -> result[at] ^= (byte) (1 << choices.below(8));
        default -> {
          byte[] patch = choices.bytes(1 + choices.below(8));
          System.arraycopy(patch, 0, result, at, Math.min(patch.length, result.length - at));
        }
      }
    }
    return result;
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Has a parsed thing say what it is: its text must not throw either. */
  static void describe(Object parsed) {
    if (parsed.toString().isEmpty()) {
      throw new AssertionError("a parsed object describes itself by nothing");
    }
  }
}
