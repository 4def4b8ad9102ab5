package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.policy.PolicyException;
import org.swtdx.attestation.policy.PolicyFile;
import org.swtdx.attestation.text.Printable;
import org.swtdx.attestation.verify.Verdict.Refused;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.PemCertificates;

/** What strangers wrote into certificates and documents moves no terminal's cursor. */
final class HostileTextTest {
  /** Clears a screen, begins a line, and turns text around. */
  private static final String HOSTILE = "a\u001b[2J\nx: verified\u202e\u009b7m";

  private static String json(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars().forEach(c -> escaped.append("\\u%04x".formatted(c)));
    return escaped.toString();
  }

  private static Refusal refusal(TestPlatform platform) {
    Verdict verdict = platform.verdict();
    assertThat(verdict).isInstanceOf(Refused.class);
    return ((Refused) verdict).first();
  }

  @Test
  void namesInCertificatesAreEscaped() {
    TestPlatform platform = new TestPlatform();
    TestCertificate stranger = TestCertificate.authority(HOSTILE, platform.root.keys, 9);
    Certificate certificate = stranger.issuedBy(stranger);

    assertThat(certificate.subject().commonName())
        .isEqualTo("a\\x1b[2J\\nx: verified\\u202e\\x9b7m");
    assertThat(certificate.toString()).matches(Printable::isClean).contains("\\x1b[2J");

    platform.quoteChain =
        Optional.of(
            PemCertificates.text(
                List.of(platform.issue(platform.pck, platform.ca), certificate, certificate)));
    Refusal refusal = refusal(platform);

    assertThat(refusal.reason()).isEqualTo(Reason.PCK_CHAIN);
    assertThat(refusal.toString()).matches(Printable::isClean).contains("\\x1b[2J");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"UpToDate", "\"fmspc\":", "TDX_03", "2026-01-19T00:00:00Z", "00906ED50000"})
  void textInTcbInfoIsEscapedOrRefused(String replaced) {
    TestPlatform platform = new TestPlatform();
    assertThat(platform.tcbInfo).contains(replaced);
    String hostile = replaced.startsWith("\"") ? "\"" + json(HOSTILE) + "\":" : json(HOSTILE);
    platform.tcbInfo = platform.tcbInfo.replace(replaced, hostile);

    Refusal refusal = refusal(platform);

    assertThat(refusal.reason()).isEqualTo(Reason.COLLATERAL_MALFORMED);
    assertThat(refusal.toString()).matches(Printable::isClean);
  }

  @Test
  void advisoriesWithControlCharactersAreRefused() {
    TestPlatform platform = new TestPlatform();
    platform.tcbInfo =
        platform.tcbInfo.replaceFirst(
            "\"advisoryIDs\":\\[[^]]*]",
            Matcher.quoteReplacement("\"advisoryIDs\":[\"" + json(HOSTILE) + "\"]"));

    Refusal refusal = refusal(platform);

    assertThat(refusal.reason()).isEqualTo(Reason.COLLATERAL_MALFORMED);
    assertThat(refusal.found()).contains("advisoryIDs[0] has a control character");
  }

  @Test
  void namesOfMembersAreEscapedInMessages() {
    byte[] repeated =
        "{\"%1$s\":1,\"%1$s\":1}".formatted(json(HOSTILE)).getBytes(StandardCharsets.UTF_8);
    byte[] unknown =
        "{\"version\":1,\"%s\":1}".formatted(json(HOSTILE)).getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> CollateralBundle.parse(repeated))
        .isInstanceOf(CollateralException.class)
        .message()
        .matches(Printable::isClean)
        .contains("\\x1b[2J");
    assertThatThrownBy(() -> PolicyFile.parse(unknown))
        .isInstanceOf(PolicyException.class)
        .message()
        .matches(Printable::isClean)
        .contains("\\x1b[2J");
  }
}
