package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.offline.CollateralFiles;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.verify.Verdict.Accepted;
import org.swtdx.attestation.verify.Verdict.Refused;
import org.swtdx.attestation.verify.Verdict.Undecided;
import tools.jackson.databind.JsonNode;

/** Real quotes with real collateral, and tampered ones, come out as their manifest says. */
final class CorpusVerdictsTest {
  private static final String PHALA = "Phala-Network_dcap-qvl/";
  private static final Instant WITHIN = Instant.parse("2025-07-01T00:00:00Z");

  private static QuoteVerifier verifier(String collateral, Policy policy) throws Exception {
    Collateral bundle = CollateralBundle.parse(Corpus.bytes(PHALA + collateral));
    return QuoteVerifier.builder().collateral(bundle).policy(policy).build();
  }

  private static Refusal refusal(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Refused.class);
    return ((Refused) verdict).first();
  }

  @Test
  void quoteIsUpToDateWithinItsCollateralsValidity() throws Exception {
    QuoteVerifier verifier = verifier("tdx_quote_collateral.json", Policy.strict());

    Verdict verdict = verifier.verify(Corpus.bytes(PHALA + "tdx_quote"), WITHIN);

    assertThat(verdict).isInstanceOf(Accepted.class);
    TcbAppraisal tcb = ((Accepted) verdict).appraisal().tcb().orElseThrow();
    assertThat(tcb.status()).isEqualTo(TcbStatus.UP_TO_DATE);
    assertThat(tcb.tdxModuleStatus()).contains(TcbStatus.UP_TO_DATE);
    assertThat(tcb.advisories()).isEmpty();
    assertThat(tcb.tcbEvaluationDataNumber()).isEqualTo(17);
    assertThat(tcb.earliestExpiration()).isEqualTo("2025-07-19T10:00:35Z");
  }

  @Test
  void expiredCollateralIsRefused() throws Exception {
    QuoteVerifier verifier = verifier("tdx_quote_collateral.json", Policy.strict());

    Verdict verdict =
        verifier.verify(Corpus.bytes(PHALA + "tdx_quote"), Instant.parse("2025-09-01T00:00:00Z"));

    assertThat(refusal(verdict).reason()).isEqualTo(Reason.COLLATERAL_VALIDITY);
  }

  @Test
  void sgxQuoteNeedsConfigurationAndHardening() throws Exception {
    byte[] quote = Corpus.bytes(PHALA + "sgx_quote");
    Policy tolerant =
        Policy.builder()
            .acceptedTcbStatuses(Set.of(TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED))
            .build();

    Verdict strict = verifier("sgx_quote_collateral.json", Policy.strict()).verify(quote, WITHIN);
    Verdict accepted = verifier("sgx_quote_collateral.json", tolerant).verify(quote, WITHIN);

    assertThat(refusal(strict).reason()).isEqualTo(Reason.TCB_STATUS);
    assertThat(accepted).isInstanceOf(Accepted.class);
    assertThat(((Accepted) accepted).appraisal().tcb().orElseThrow().advisories())
        .containsExactly("INTEL-SA-00289", "INTEL-SA-00615");
  }

  @Test
  void platformIsOutOfDateByFilesInAFolder() throws Exception {
    String folder = "datachainlab_zkdcap";
    QuoteVerifier verifier =
        QuoteVerifier.builder().collateral(CollateralFiles.read(Corpus.path(folder))).build();

    Verdict verdict =
        verifier.verify(
            Corpus.bytes(folder + "/quote_tdx_00806f050000.dat"),
            Instant.parse("2025-02-01T00:00:00Z"));

    assertThat(refusal(verdict).reason()).isEqualTo(Reason.TCB_STATUS);
    TcbAppraisal tcb = ((Refused) verdict).appraisal().orElseThrow().tcb().orElseThrow();
    assertThat(tcb.platformStatus()).isEqualTo(TcbStatus.OUT_OF_DATE);
    assertThat(tcb.advisories())
        .containsExactly("INTEL-SA-00960", "INTEL-SA-00982", "INTEL-SA-00986");
  }

  @Test
  void platformBelowEveryLevelIsRefused() throws Exception {
    String folder = "google_go-tdx-guest";
    CollateralFiles files =
        CollateralFiles.read(
            Corpus.path(folder), Corpus.path("datachainlab_zkdcap/tcb_signing_cert.pem"));
    QuoteVerifier verifier = QuoteVerifier.builder().collateral(files).build();

    Verdict verdict =
        verifier.verify(
            Corpus.bytes(folder + "/tdx_prod_quote_SPR_E4.dat"),
            Instant.parse("2023-07-01T00:00:00Z"));

    assertThat(refusal(verdict).reason()).isEqualTo(Reason.TCB_LEVEL);
  }

  @Test
  void quoteForWhichThereIsNoCollateralIsUndecided() throws Exception {
    CollateralFiles files = CollateralFiles.read(Corpus.path("datachainlab_zkdcap"));
    QuoteVerifier verifier = QuoteVerifier.builder().collateral(files).build();

    Verdict verdict = verifier.verify(Corpus.bytes(PHALA + "tdx_quote"), WITHIN);

    assertThat(verdict)
        .asInstanceOf(type(Undecided.class))
        .extracting(Undecided::missing)
        .asString()
        .startsWith("there is no TCB info for TDX with the FMSPC b0c06f000000 in ");
  }

  @Test
  void debuggableTdIsRefused() throws Exception {
    QuoteVerifier verifier =
        QuoteVerifier.builder().policy(Policy.builder().signaturesOnly(true).build()).build();

    Verdict verdict =
        verifier.verify(Corpus.bytes("confidential-containers_trustee/tdx_quote_4.dat"), WITHIN);

    assertThat(refusal(verdict))
        .isEqualTo(
            new Refusal(
                Reason.ATTRIBUTES,
                "TD attributes",
                "0000000010000001 [DEBUG, SEPT_VE_DISABLE]",
                "DEBUG clear"));
  }

  @TestFactory
  Stream<DynamicTest> tamperedQuotes() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    if (Corpus.isPresent()) {
      QuoteVerifier verifier = verifier("tdx_quote_collateral.json", Policy.strict());
      for (JsonNode example : Corpus.json("bad_v4/cases.json")) {
        String file = example.get("file").stringValue();
        tests.add(
            DynamicTest.dynamicTest(
                file,
                () -> {
                  Refusal refusal = refusal(verifier.verify(Corpus.bytes(file), WITHIN));
                  assertThat(refusal.reason()).isIn(reasons(example.get("class_").stringValue()));
                  assertThat(refusal.field()).as("names what it is about").doesNotContain("''");
                }));
      }
      assertThat(tests).hasSizeGreaterThan(20);
    }
    return tests.stream();
  }

  private static Set<Reason> reasons(String kind) {
    return switch (kind) {
      case "QUOTE_SIGNATURE" -> EnumSet.of(Reason.QUOTE_SIGNATURE);
      case "AK_BINDING", "AK_BINDING_OR_KEY_INVALID" -> EnumSet.of(Reason.ATTESTATION_KEY_BINDING);
      case "QE_SIGNATURE" -> EnumSet.of(Reason.QE_REPORT_SIGNATURE);
      case "QE_VENDOR_OR_SIG" -> EnumSet.of(Reason.QE_VENDOR);
      case "PARSE", "PARSE_OR_SIG" -> EnumSet.of(Reason.MALFORMED_QUOTE);
      case "CHAIN_OR_PARSE" -> EnumSet.of(Reason.PCK_CHAIN);
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }
}
