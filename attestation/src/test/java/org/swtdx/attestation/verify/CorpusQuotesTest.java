package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.swtdx.attestation.policy.Measurement;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.quote.EnclaveReportBody;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.TdQuoteBody;
import org.swtdx.attestation.verify.Verdict.Accepted;
import tools.jackson.databind.JsonNode;

/** Every real quote gives what an independent parser found in it, and its chain holds. */
final class CorpusQuotesTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final Instant MOMENT = Instant.parse("2026-03-01T00:00:00Z");

  private static Verdict verify(JsonNode expected, byte[] quote) {
    Policy.Builder policy = Policy.builder().signaturesOnly(true).allowDebug(true);
    if (expected.has("mrservicetd")) {
      policy.expect(Measurement.MRSERVICETD, HEX.parseHex(text(expected, "mrservicetd")));
    }
    return QuoteVerifier.builder().policy(policy.build()).build().verify(quote, MOMENT);
  }

  @TestFactory
  Stream<DynamicTest> quotes() {
    List<DynamicTest> tests = new ArrayList<>();
    if (Corpus.isPresent()) {
      for (JsonNode expected : Corpus.json("expected_quotes.json")) {
        String file = expected.get("file").stringValue();
        tests.add(DynamicTest.dynamicTest(file, () -> check(expected, Corpus.quote(file))));
      }
      assertThat(tests).hasSizeGreaterThan(10);
    }
    return tests.stream();
  }

  private void check(JsonNode expected, byte[] bytes) throws Exception {
    Quote quote = Quote.parse(bytes);

    assertThat(quote.version()).isEqualTo(expected.get("version").intValue());
    assertThat(quote.teeType()).isEqualTo(expected.get("tee").intValue());
    assertThat(bytes.length - quote.length()).isEqualTo(expected.get("trailing").intValue());
    assertThat(HEX.formatHex(quote.qeVendorId())).isEqualTo(text(expected, "qe_vendor"));
    assertThat(quote.body().isDebuggable()).isEqualTo(expected.get("debug").booleanValue());
    assertThat(quote.signature().qeReport().isvSvn())
        .isEqualTo(expected.get("qe_isvsvn").intValue());
    switch (quote.body()) {
      case TdQuoteBody td -> checkTd(expected, td);
      case EnclaveReportBody enclave -> checkEnclave(expected, enclave);
    }
    checkPlatform(expected, verify(expected, bytes));
    if (!expected.get("same_quote_as").isNull()) {
      byte[] other = Corpus.quote(text(expected, "same_quote_as"));
      assertThat(Quote.parse(other).signedPart()).isEqualTo(quote.signedPart());
    }
  }

  private static String text(JsonNode node, String name) {
    return node.get(name).stringValue();
  }

  private static void checkTd(JsonNode expected, TdQuoteBody td) {
    field(expected, "tee_tcb_svn", td.teeTcbSvn());
    field(expected, "mrseam", td.mrSeam());
    field(expected, "mrsignerseam", td.mrSignerSeam());
    field(expected, "seamattributes", bytes(td.seamAttributes()));
    field(expected, "tdattributes", bytes(td.tdAttributes()));
    field(expected, "xfam", bytes(td.xfam()));
    field(expected, "mrtd", td.mrTd());
    field(expected, "mrconfigid", td.mrConfigId());
    field(expected, "mrowner", td.mrOwner());
    field(expected, "mrownerconfig", td.mrOwnerConfig());
    for (int i = 0; i < 4; i++) {
      field(expected, "rtmr" + i, td.rtmr(i));
    }
    field(expected, "reportdata", td.reportData());
    assertThat(td.teeTcbSvn2().isPresent()).isEqualTo(expected.has("tee_tcb_svn2"));
    td.teeTcbSvn2().ifPresent(svn -> field(expected, "tee_tcb_svn2", svn));
    td.mrServiceTd().ifPresent(value -> field(expected, "mrservicetd", value));
  }

  private static void checkEnclave(JsonNode expected, EnclaveReportBody enclave) {
    field(expected, "cpusvn", enclave.cpuSvn());
    field(expected, "mrenclave", enclave.mrEnclave());
    field(expected, "mrsigner", enclave.mrSigner());
  }

  private static void field(JsonNode expected, String name, byte[] found) {
    assertThat(HEX.formatHex(found)).as(name).isEqualTo(text(expected, name));
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(Long.reverseBytes(value)).array();
  }

  private static void checkPlatform(JsonNode expected, Verdict verdict) {
    assertThat(verdict).isInstanceOf(Accepted.class);
    Appraisal appraisal = ((Accepted) verdict).appraisal();
    assertThat(appraisal.isIntel()).isTrue();
    assertThat(appraisal.tcb()).isEmpty();
    assertThat(appraisal.platform().fmspc().hex()).isEqualTo(text(expected, "fmspc"));
    assertThat(appraisal.platform().pceId()).isEqualTo(text(expected, "pceid"));
    assertThat(appraisal.platform().pceSvn()).isEqualTo(expected.get("pcesvn").intValue());
    assertThat(appraisal.platform().sgxType()).isEqualTo(expected.get("sgxtype").intValue());
    assertThat(appraisal.pckCertificate().serialNumber().toString(16))
        .isEqualTo(text(expected, "pck_serial").replaceFirst("^0+", ""));
    assertThat(appraisal.pckCertificate().notAfter())
        .isEqualTo(Instant.parse(text(expected, "pck_notafter").replace("+00:00", "Z")));
  }
}
