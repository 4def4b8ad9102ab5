package org.swtdx.attestation.quoting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.quote.PckChain;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteBody;
import org.swtdx.attestation.quote.QuoteText;
import org.swtdx.attestation.quote.QuoteVerdict;
import org.swtdx.attestation.quote.QuoteVerdict.Reason;
import org.swtdx.attestation.quote.QuoteVerdict.Rejected;
import org.swtdx.attestation.quote.QuoteVerdict.Verified;
import org.swtdx.attestation.quote.QuoteVerifier;
import org.swtdx.attestation.report.ReportMacStruct;
import org.swtdx.attestation.report.Reports;
import org.swtdx.attestation.report.TdReport;

final class QuotingEnclaveTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final TdReport REPORT =
      Reports.report(HexFormat.of().parseHex("0123456789abcdef".repeat(8)));

  private final TestPki pki = TestPki.create(new SplittableRandom(1), NOW);
  private final QuotingEnclave enclave = new QuotingEnclave(pki, Reports.MAC);

  private static QuoteVerifier verifier(X509Certificate root, Instant at) {
    return new QuoteVerifier(root, InstantSource.fixed(at));
  }

  private QuoteVerdict verify(byte[] quote) {
    return verifier(pki.root(), NOW).verify(quote);
  }

  private static Reason reason(QuoteVerdict verdict) {
    assertThat(verdict).isInstanceOf(Rejected.class);
    return ((Rejected) verdict).reason();
  }

  @Test
  void quoteSaysWhatTheReportSaysAndVerifies() throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V4);

    QuoteVerdict verdict = verify(quote);

    Quote parsed = assertThat(verdict).asInstanceOf(type(Verified.class)).actual().quote();
    assertThat(parsed.version()).isEqualTo(4);
    assertThat(parsed.length()).isEqualTo(quote.length);
    assertThat(parsed.body()).isEqualTo(QuoteBody.of(REPORT, QuoteBody.Layout.TD_1_0));
    assertThat(parsed.td().orElseThrow().mrTd()).isEqualTo(REPORT.tdInfo().mrTd());
    assertThat(parsed.td().orElseThrow().mrSeam()).isEqualTo(REPORT.tcbInfo().mrSeam());
    assertThat(parsed.td().orElseThrow().mrSignerSeam()).isEqualTo(REPORT.tcbInfo().mrSignerSeam());
    assertThat(parsed.td().orElseThrow().seamAttributes()).isEqualTo(REPORT.tcbInfo().attributes());
    assertThat(parsed.td().orElseThrow().teeTcbSvn()).isEqualTo(REPORT.tcbInfo().teeTcbSvn());
    assertThat(parsed.td().orElseThrow().tdAttributes()).isEqualTo(REPORT.tdInfo().attributes());
    assertThat(parsed.td().orElseThrow().xfam()).isEqualTo(REPORT.tdInfo().xfam());
    assertThat(parsed.td().orElseThrow().mrConfigId()).isEqualTo(REPORT.tdInfo().mrConfigId());
    assertThat(parsed.td().orElseThrow().mrOwner()).isEqualTo(REPORT.tdInfo().mrOwner());
    assertThat(parsed.td().orElseThrow().mrOwnerConfig())
        .isEqualTo(REPORT.tdInfo().mrOwnerConfig());
    for (int i = 0; i < 4; i++) {
      assertThat(parsed.td().orElseThrow().rtmr(i)).isEqualTo(REPORT.tdInfo().rtmr(i));
    }
    assertThat(parsed.body().reportData()).isEqualTo(REPORT.macStruct().reportData());
  }

  @Test
  void restOfABufferAfterTheQuoteIsIgnored() throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V4);

    assertThat(verify(Arrays.copyOf(quote, quote.length + 100))).isInstanceOf(Verified.class);
  }

  @Test
  void everyTextOfATestQuoteSaysSo() throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V4);

    assertThat(String.join("\n", QuoteText.describe(verify(quote))))
        .contains("TEST PKI: signed with this platform's test keys")
        .contains("MRTD           " + HexFormat.of().formatHex(REPORT.tdInfo().mrTd()))
        .contains("RTMR3          " + HexFormat.of().formatHex(REPORT.tdInfo().rtmr(3)));
    assertThat(pki.chain(PkiRole.PCK))
        .allSatisfy(c -> assertThat(c.getSubjectX500Principal().getName()).contains("TEST PKI"));
  }

  // offsets: 48 header, 584 body, 4 size, 64 signature, 64 key, 6, 384 QE report, 64, 2, 32, 6, PEM
  @ParameterizedTest
  @CsvSource({
    "0, MALFORMED", // version
    "2, MALFORMED", // attestation key type
    "4, MALFORMED", // TEE type
    "12, QUOTE_SIGNATURE", // QE vendor
    "47, QUOTE_SIGNATURE",
    "48, QUOTE_SIGNATURE", // TEE_TCB_SVN
    "184, QUOTE_SIGNATURE", // MRTD
    "631, QUOTE_SIGNATURE", // REPORTDATA
    "632, MALFORMED", // size of the signature section
    "640, QUOTE_SIGNATURE",
    "700, ATTESTATION_KEY_BINDING",
    "764, MALFORMED", // certification data type
    "766, MALFORMED", // its size
    "770, QE_REPORT_SIGNATURE",
    "898, QE_REPORT_SIGNATURE", // MRSIGNER
    "1200, QE_REPORT_SIGNATURE", // signature of the QE report
    "1218, MALFORMED", // authentication data size
    "1220, ATTESTATION_KEY_BINDING", // authentication data
    "1252, MALFORMED", // inner certification data type
    "1254, MALFORMED", // its size
  })
  void flippedBitIsFoundByTheCheckThatCoversIt(int offset, Reason expected) throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V4);

    quote[offset] ^= 1;

    assertThat(reason(verify(quote))).isEqualTo(expected);
  }

  @Test
  void quoteCutOffAnywhereIsMalformed() throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V4);
    for (int length = 0; length < quote.length; length += 97) {
      assertThat(reason(verify(Arrays.copyOf(quote, length)))).isEqualTo(Reason.MALFORMED);
    }
  }

  @Test
  void randomDamageIsNeverAccepted() throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V4);
    SplittableRandom random = new SplittableRandom(3);
    // The header's reserved bytes are signed; PEM has bytes that decoding ignores, so stop there.
    for (int round = 0; round < 200; round++) {
      byte[] damaged = quote.clone();
      damaged[random.nextInt(1258)] ^= (byte) (1 << random.nextInt(8));

      assertThat(verify(damaged)).isInstanceOf(Rejected.class);
    }
  }

  @Test
  void anotherRootIsNotBelieved() throws Exception {
    X509Certificate other = TestPki.create(new SplittableRandom(2), NOW).root();

    QuoteVerdict verdict =
        verifier(other, NOW).verify(enclave.quote(REPORT.toBytes(), QuoteVersion.V4));

    assertThat(reason(verdict)).isEqualTo(Reason.PCK_CHAIN);
    assertThat(((Rejected) verdict).detail()).contains("its root is not the trusted one");
  }

  @ParameterizedTest
  @ValueSource(ints = {-2, 4000})
  void certificatesMustBeValidAtTheMomentOfVerification(int days) throws Exception {
    Instant moment = NOW.plus(Duration.ofDays(days));

    QuoteVerdict verdict =
        verifier(pki.root(), moment).verify(enclave.quote(REPORT.toBytes(), QuoteVersion.V4));

    assertThat(reason(verdict)).isEqualTo(Reason.PCK_CHAIN);
    assertThat(((Rejected) verdict).detail()).contains("not valid at");
  }

  @Test
  void certificateThatIsNoPckCannotStandAtTheBeginning() throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V4);
    String text = new String(quote, java.nio.charset.StandardCharsets.ISO_8859_1);
    int first = text.indexOf("-----BEGIN");
    int second = text.indexOf("-----BEGIN", first + 1);
    int third = text.indexOf("-----BEGIN", second + 1);
    String swapped =
        text.substring(0, first)
            + text.substring(second, third)
            + text.substring(first, second)
            + text.substring(third);

    QuoteVerdict verdict = verify(swapped.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));

    assertThat(reason(verdict)).isEqualTo(Reason.PCK_CHAIN);
    assertThat(((Rejected) verdict).detail()).contains("no PCK certificate");
  }

  @Test
  void pckCertificateCarriesTheSgxExtensionOfThePlatform() throws Exception {
    byte[] extension = pki.certificate(PkiRole.PCK).getExtensionValue(PckChain.SGX_EXTENSION);

    // FMSPC: OID 1.2.840.113741.1.13.1.4, then an octet string of six bytes
    assertThat(HexFormat.of().formatHex(extension))
        .contains("060a2a864886f84d010d01040406535754445800");
  }

  @Test
  void reportOfAnotherPlatformIsNotSigned() {
    byte[] report = REPORT.toBytes();
    report[128] ^= 1; // report data

    assertThatExceptionOfType(QuotingException.class)
        .isThrownBy(() -> enclave.quote(report, QuoteVersion.V4))
        .withMessageContaining("MAC is wrong");
  }

  @Test
  void reportWhoseTdIsNotTheAuthenticatedOneIsNotSigned() {
    byte[] report = REPORT.toBytes();
    report[528] ^= 1; // MRTD

    assertThatExceptionOfType(QuotingException.class)
        .isThrownBy(() -> enclave.quote(report, QuoteVersion.V4))
        .withMessageContaining("not the authenticated one");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "2, 2"})
  void otherReportTypesAreNotSigned(int offset, byte value) {
    QuotingEnclave gullible = new QuotingEnclave(pki, _ -> true);
    byte[] report = REPORT.toBytes();
    report[offset] = value;

    assertThatExceptionOfType(QuotingException.class)
        .isThrownBy(() -> gullible.quote(report, QuoteVersion.V4))
        .withMessageContaining("is not a TD's");
    assertThatExceptionOfType(QuotingException.class)
        .isThrownBy(() -> gullible.quote(new byte[ReportMacStruct.SIZE], QuoteVersion.V4));
  }

  @Test
  void sameEntropyGivesTheSameTestPki() {
    TestPki again = TestPki.create(new SplittableRandom(1), NOW);

    assertThat(again.root()).isEqualTo(pki.root());
    assertThat(TestPki.create(new SplittableRandom(9), NOW).root()).isNotEqualTo(pki.root());
  }

  @Test
  void versionFiveCarriesTheLongerBody() throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V5);

    QuoteVerdict verdict = verify(quote);

    Quote parsed = assertThat(verdict).asInstanceOf(type(Verified.class)).actual().quote();
    assertThat(parsed.version()).isEqualTo(5);
    assertThat(parsed.body()).isEqualTo(QuoteBody.of(REPORT, QuoteBody.Layout.TD_1_5));
  }
}
