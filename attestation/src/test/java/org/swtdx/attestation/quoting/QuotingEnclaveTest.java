package org.swtdx.attestation.quoting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteBody;
import org.swtdx.attestation.report.ReportMacStruct;
import org.swtdx.attestation.report.TdReport;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.verify.Reason;
import org.swtdx.attestation.verify.Verdict;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.SgxExtensions;

final class QuotingEnclaveTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final TestPki PKI = TestPki.create(new SplittableRandom(1), NOW);

  /** A report with recognisable measurements. */
  private static final TdReport REPORT =
      new ReportBuilder()
          .attributes(1L << 28)
          .xfam(0x207)
          .mrTd(measurement(1))
          .mrConfigId(measurement(2))
          .mrOwner(measurement(3))
          .mrOwnerConfig(measurement(4))
          .rtmr(0, measurement(5))
          .rtmr(1, measurement(6))
          .rtmr(2, measurement(7))
          .rtmr(3, measurement(8))
          .reportData(HexFormat.of().parseHex("0123456789abcdef".repeat(8)))
          .build(PKI.reportMac());

  private final TestPki pki = PKI;
  private final QuotingEnclave enclave = new QuotingEnclave(pki, pki.reportMac());

  private static byte[] measurement(int seed) {
    byte[] bytes = new byte[48];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private Verdict verify(byte[] quote) throws Exception {
    return verify(quote, pki.root(), NOW);
  }

  private Verdict verify(byte[] quote, X509Certificate root, Instant at) throws Exception {
    return QuoteVerifier.builder()
        .trustedRoot(Certificate.parse(root.getEncoded()))
        .collateral(new CollateralIssuer(pki, PkiState.INITIAL).issue(at))
        .policy(Policy.builder().allowDebug(true).allowMigration(true).build())
        .build()
        .verify(quote, at);
  }

  private static Reason reason(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    return ((Verdict.Refused) verdict).first().reason();
  }

  @Test
  void quoteSaysWhatTheReportSaysAndVerifies() throws Exception {
    byte[] quote = enclave.quote(REPORT.toBytes(), QuoteVersion.V4);

    Verdict verdict = verify(quote);

    Quote parsed = assertThat(verdict).asInstanceOf(type(Verdict.Accepted.class)).actual().quote();
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

    assertThat(verify(Arrays.copyOf(quote, quote.length + 100)))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void everySubjectSaysThatItIsATest() {
    assertThat(pki.chain(PkiRole.PCK))
        .allSatisfy(c -> assertThat(c.getSubjectX500Principal().getName()).contains("TEST PKI"));
  }

  // offsets: 48 header, 584 body, 4 size, 64 signature, 64 key, 6, 384 QE report, 64, 2, 32, 6, PEM
  @ParameterizedTest
  @CsvSource({
    "0, MALFORMED_QUOTE", // version
    "2, MALFORMED_QUOTE", // attestation key type
    "4, MALFORMED_QUOTE", // TEE type
    "12, QE_VENDOR",
    "47, QUOTE_SIGNATURE",
    "48, QUOTE_SIGNATURE", // TEE_TCB_SVN
    "184, QUOTE_SIGNATURE", // MRTD
    "631, QUOTE_SIGNATURE", // REPORTDATA
    "632, MALFORMED_QUOTE", // size of the signature section
    "640, QUOTE_SIGNATURE",
    "700, ATTESTATION_KEY_BINDING",
    "764, MALFORMED_QUOTE", // certification data type
    "766, MALFORMED_QUOTE", // its size
    "770, QE_REPORT_SIGNATURE",
    "898, QE_REPORT_SIGNATURE", // MRSIGNER
    "1200, QE_REPORT_SIGNATURE", // signature of the QE report
    "1218, MALFORMED_QUOTE", // authentication data size
    "1220, ATTESTATION_KEY_BINDING", // authentication data
    "1252, MALFORMED_QUOTE", // inner certification data type
    "1254, MALFORMED_QUOTE", // its size
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
      assertThat(reason(verify(Arrays.copyOf(quote, length)))).isEqualTo(Reason.MALFORMED_QUOTE);
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

      assertThat(verify(damaged)).isInstanceOf(Verdict.Refused.class);
    }
  }

  @Test
  void anotherRootIsNotBelieved() throws Exception {
    X509Certificate other = TestPki.create(new SplittableRandom(2), NOW).root();

    Verdict verdict = verify(enclave.quote(REPORT.toBytes(), QuoteVersion.V4), other, NOW);

    assertThat(reason(verdict)).isEqualTo(Reason.PCK_CHAIN);
  }

  @ParameterizedTest
  @ValueSource(ints = {-2, 4000})
  void certificatesMustBeValidAtTheMomentOfVerification(int days) throws Exception {
    Instant moment = NOW.plus(Duration.ofDays(days));

    Verdict verdict = verify(enclave.quote(REPORT.toBytes(), QuoteVersion.V4), pki.root(), moment);

    assertThat(reason(verdict)).isEqualTo(Reason.CERTIFICATE_VALIDITY);
  }

  @ParameterizedTest
  @CsvSource({
    "PLATFORM, OUT_OF_DATE, TCB_STATUS",
    "PLATFORM, SW_HARDENING_NEEDED, TCB_STATUS",
    "PLATFORM, REVOKED, TCB_STATUS",
    "MODULE, OUT_OF_DATE, TCB_STATUS",
    "QE, OUT_OF_DATE, TCB_STATUS",
  })
  void loweredTcbIsRefusedByName(TcbPart part, TcbStatus status, Reason expected) throws Exception {
    PkiState state = PkiState.INITIAL.lower(part, new TcbLowering(status, List.of("TEST-1")));

    Verdict verdict = judge(state);

    assertThat(reason(verdict)).isEqualTo(expected);
    assertThat(((Verdict.Refused) verdict).first().found()).contains(status.label());
  }

  @ParameterizedTest
  @EnumSource(value = PkiRole.class, mode = EnumSource.Mode.EXCLUDE, names = "ROOT_CA")
  void revokedCertificateIsRefused(PkiRole role) throws Exception {
    assertThat(reason(judge(PkiState.INITIAL.revoke(role)))).isEqualTo(Reason.REVOKED);
  }

  @Test
  void expiredCollateralIsRefused() throws Exception {
    PkiState state =
        PkiState.INITIAL.dated(Optional.of(NOW.minus(Duration.ofDays(3))), Duration.ofDays(2));

    assertThat(reason(judge(state))).isEqualTo(Reason.COLLATERAL_VALIDITY);
  }

  private Verdict judge(PkiState state) throws Exception {
    return QuoteVerifier.builder()
        .trustedRoot(Certificate.parse(pki.root().getEncoded()))
        .collateral(new CollateralIssuer(pki, state).issue(NOW))
        .build()
        .verify(enclave.quote(REPORT.toBytes(), QuoteVersion.V4), NOW);
  }

  @Test
  void pckCertificateCarriesTheSgxExtensionOfThePlatform() throws Exception {
    byte[] extension = pki.certificate(PkiRole.PCK).getExtensionValue(SgxExtensions.OID);

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

    Verdict verdict = verify(quote);

    Quote parsed = assertThat(verdict).asInstanceOf(type(Verdict.Accepted.class)).actual().quote();
    assertThat(parsed.version()).isEqualTo(5);
    assertThat(parsed.body()).isEqualTo(QuoteBody.of(REPORT, QuoteBody.Layout.TD_1_5));
  }
}
