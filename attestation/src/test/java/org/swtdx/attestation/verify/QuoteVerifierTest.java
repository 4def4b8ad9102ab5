package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.crypto.EcdsaP256;
import org.swtdx.attestation.crypto.EcdsaProviders;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.verify.Verdict.Accepted;
import org.swtdx.attestation.verify.Verdict.Refused;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.PemCertificates;

/** Good quotes are accepted, and each thing that can be wrong with one is refused as that. */
final class QuoteVerifierTest {
  private static Reason reason(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Refused.class);
    return ((Refused) verdict).first().reason();
  }

  @TestFactory
  Stream<DynamicTest> goodQuotes() {
    Map<String, Consumer<TestPlatform>> kinds = new LinkedHashMap<>();
    kinds.put("TDX, version 4", _ -> {});
    kinds.put("TDX, version 5, TD 1.0", platform -> platform.version = 5);
    kinds.put("TDX, version 5, TD 1.5", platform -> platform.td15(3, 1, 3));
    kinds.put("SGX, version 3", enclave(3));
    kinds.put("SGX, version 4", enclave(4));
    kinds.put("SGX, version 5", enclave(5));
    kinds.put("collateral without the PCK CRL's issuer", p -> p.withListIssuer = false);
    kinds.put(
        "signing certificate without the root",
        p ->
            p.tcbInfoChain =
                Optional.of(PemCertificates.text(List.of(p.issue(p.signing, p.root)))));
    return kinds.entrySet().stream()
        .map(
            kind ->
                DynamicTest.dynamicTest(
                    kind.getKey(),
                    () -> {
                      TestPlatform platform = new TestPlatform();
                      kind.getValue().accept(platform);

                      Verdict verdict = platform.verdict();

                      assertThat(verdict).isInstanceOf(Accepted.class);
                      Appraisal appraisal = ((Accepted) verdict).appraisal();
                      assertThat(appraisal.isIntel()).isFalse();
                      assertThat(appraisal.tcb().orElseThrow().status())
                          .isEqualTo(TcbStatus.UP_TO_DATE);
                    }));
  }

  private static Consumer<TestPlatform> enclave(int version) {
    return platform -> {
      platform.enclave();
      platform.version = version;
    };
  }

  @TestFactory
  Stream<DynamicTest> badChains() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put("CA may not sign certificates", p -> p.ca.usage = KeyUsage.cRLSign);
    defects.put("CA is no CA", p -> p.ca.authority = false);
    defects.put("root may have no CA below", p -> p.root.pathLength = 0);
    defects.put("PCK may not sign data", p -> p.pck.usage = KeyUsage.keyAgreement);
    defects.put("PCK is a CA", p -> p.pck.authority = true);
    defects.put("PCK has no SGX extension", p -> p.pck.components = List.of());
    defects.put("PCK has 15 components", p -> p.pck.components = Collections.nCopies(15, 1));
    defects.put("PCK has a component of 256", p -> p.pck.components = components(256));
    defects.put("PCK has a negative component", p -> p.pck.components = components(-1));
    defects.put("PCK has a short FMSPC", p -> p.pck.fmspc = new byte[5]);
    defects.put("root is missing", p -> chain(p, p.chain().subList(0, 2)));
    defects.put("CA is missing", p -> chain(p, List.of(p.chain().get(0), p.chain().get(2))));
    defects.put("order is wrong", p -> chain(p, p.chain().reversed()));
    defects.put("one certificate too many", p -> chain(p, extended(p.chain())));
    defects.put("chain is empty", p -> chain(p, List.of()));
    defects.put("PCK by the root", p -> p.issue(p.pck, p.root));
    defects.put("PCK by itself", p -> p.issue(p.pck, p.pck));
    defects.put("root of somebody else", QuoteVerifierTest::otherRoot);
    defects.put("text before the chain", p -> text(p, "x" + PemCertificates.text(p.chain())));
    defects.put("text after the chain", p -> text(p, PemCertificates.text(p.chain()) + "x"));
    return refused(defects, Reason.PCK_CHAIN);
  }

  private static List<Integer> components(int first) {
    List<Integer> components = new ArrayList<>(TestPlatform.COMPONENTS);
    components.set(0, first);
    return components;
  }

  private static void text(TestPlatform platform, String pem) {
    platform.quoteChain = Optional.of(pem);
  }

  private static void chain(TestPlatform platform, List<Certificate> chain) {
    text(platform, PemCertificates.text(chain));
  }

  private static List<Certificate> extended(List<Certificate> chain) {
    List<Certificate> longer = new ArrayList<>(chain);
    longer.add(chain.getLast());
    return longer;
  }

  /** A root of the same name and key is another certificate. */
  private static void otherRoot(TestPlatform platform) {
    List<Certificate> chain = new ArrayList<>(platform.chain());
    chain.set(2, platform.root.issuedBy(platform.root));
    chain(platform, chain);
  }

  private static Stream<DynamicTest> refused(
      Map<String, Consumer<TestPlatform>> defects, Reason expected) {
    return defects.entrySet().stream()
        .map(
            defect ->
                DynamicTest.dynamicTest(
                    defect.getKey(),
                    () -> {
                      TestPlatform platform = new TestPlatform();
                      defect.getValue().accept(platform);
                      assertThat(reason(platform.verdict())).isEqualTo(expected);
                    }));
  }

  @Test
  void criticalExtensionThatNobodyUnderstandsIsRefused() {
    TestPlatform platform = new TestPlatform();
    platform.pck.unknownCriticalExtension = "1.2.3";

    text(
        platform,
        platform.pck.pemIssuedBy(platform.ca)
            + PemCertificates.text(
                List.of(platform.issue(platform.ca, platform.root), platform.rootCertificate())));

    assertThat(reason(platform.verdict())).isEqualTo(Reason.PCK_CHAIN);
  }

  @TestFactory
  Stream<DynamicTest> certificatesOutOfTheirTime() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    for (String which : List.of("pck", "ca", "root", "signing")) {
      defects.put(
          which + " has expired",
          p -> named(p, which).notAfter = TestPlatform.NOW.minus(Duration.ofSeconds(1)));
      defects.put(
          which + " is not valid yet",
          p -> named(p, which).notBefore = TestPlatform.NOW.plus(Duration.ofSeconds(1)));
    }
    return refused(defects, Reason.CERTIFICATE_VALIDITY);
  }

  private static TestCertificate named(TestPlatform platform, String name) {
    return switch (name) {
      case "pck" -> platform.pck;
      case "ca" -> platform.ca;
      case "root" -> platform.root;
      default -> platform.signing;
    };
  }

  @TestFactory
  Stream<DynamicTest> revokedCertificates() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put("PCK", p -> p.revokedByCa.add(p.pck.serialNumber));
    defects.put(
        "PCK among others", p -> p.revokedByCa.addAll(List.of(BigInteger.TEN, p.pck.serialNumber)));
    defects.put("CA", p -> p.revokedByRoot.add(p.ca.serialNumber));
    defects.put("TCB signing", p -> p.revokedByRoot.add(p.signing.serialNumber));
    return refused(defects, Reason.REVOKED);
  }

  @TestFactory
  Stream<DynamicTest> collateralOutOfItsTime() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put("lists expired", p -> p.listed = TestPlatform.NOW.minus(Duration.ofDays(31)));
    defects.put("lists of the future", p -> p.listed = TestPlatform.NOW.plus(Duration.ofDays(1)));
    defects.put("TCB info expired", p -> p.tcbInfo = p.tcbInfo.replace("2026-01-19", "2025-12-30"));
    defects.put(
        "TCB info of the future", p -> p.tcbInfo = p.tcbInfo.replace("2025-12-20", "2026-01-02"));
    defects.put(
        "QE identity expired",
        p -> p.qeIdentity = p.qeIdentity.replace("2026-01-19", "2025-12-30"));
    return refused(defects, Reason.COLLATERAL_VALIDITY);
  }

  @Test
  void expiredCollateralIsAcceptedWithinTheGraceThatIsGranted() {
    TestPlatform platform = new TestPlatform();
    platform.tcbInfo = platform.tcbInfo.replace("2026-01-19", "2025-12-30");

    Policy twoDays = Policy.builder().collateralGrace(Duration.ofDays(2)).build();
    Policy oneDay = Policy.builder().collateralGrace(Duration.ofDays(1)).build();

    assertThat(platform.verdict(twoDays)).isInstanceOf(Accepted.class);
    assertThat(reason(platform.verdict(oneDay))).isEqualTo(Reason.COLLATERAL_VALIDITY);
  }

  @TestFactory
  Stream<DynamicTest> collateralForSomethingElse() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put("FMSPC", p -> p.tcbInfo = p.tcbInfo.replace("00906ED50000", "00906ED50001"));
    defects.put("PCE-ID", p -> p.pck.pceId = new byte[] {0, 1});
    defects.put("SGX's TCB info", p -> p.tcbInfo = TestDocuments.sgxTcbInfo());
    defects.put("SGX's QE", p -> p.qeIdentity = p.qeIdentity.replace("TD_QE", "QE"));
    return refused(defects, Reason.COLLATERAL_MISMATCH);
  }

  @TestFactory
  Stream<DynamicTest> collateralSignedByTheWrong() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put("signer may not sign", p -> p.signing.usage = KeyUsage.keyAgreement);
    defects.put("signer is a CA", p -> p.signing.authority = true);
    defects.put("signer is a PCK", p -> p.signing.components = TestPlatform.COMPONENTS);
    defects.put(
        "signer's chain is the PCK's",
        p -> p.tcbInfoChain = Optional.of(PemCertificates.text(p.chain())));
    defects.put("CA may not sign lists", p -> p.ca.usage = KeyUsage.keyCertSign);
    defects.put("root may not sign lists", p -> p.root.usage = KeyUsage.keyCertSign);
    return refused(defects, Reason.COLLATERAL_SIGNATURE);
  }

  @TestFactory
  Stream<DynamicTest> collateralThatIsAmbiguous() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put(
        "repeated name",
        p -> p.tcbInfo = p.tcbInfo.replace("\"tcbType\":0", "\"tcbType\":0,\"tcbType\":0"));
    defects.put("number in quotes", p -> p.tcbInfo = p.tcbInfo.replace(":17", ":\"17\""));
    defects.put("number with a fraction", p -> p.tcbInfo = p.tcbInfo.replace(":17", ":17.0"));
    defects.put(
        "unknown version", p -> p.tcbInfo = p.tcbInfo.replace("\"version\":3", "\"version\":4"));
    defects.put(
        "unknown type", p -> p.tcbInfo = p.tcbInfo.replace("\"tcbType\":0", "\"tcbType\":1"));
    defects.put("unknown status", p -> p.tcbInfo = p.tcbInfo.replace("UpToDate", "Fine"));
    defects.put("bytes after the end", p -> p.tcbInfo += "{}");
    defects.put("15 components", p -> p.tcbInfo = p.tcbInfo.replaceFirst("\\{\"svn\":0},", ""));
    defects.put("repeated module", p -> p.tcbInfo = p.tcbInfo.replace("TDX_03", "TDX_01"));
    defects.put("no dates", p -> p.qeIdentity = p.qeIdentity.replace("issueDate", "issued"));
    return refused(defects, Reason.COLLATERAL_MALFORMED);
  }

  @TestFactory
  Stream<DynamicTest> quotingEnclavesThatAreAnother() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put("MRSIGNER", p -> p.qeReport[128] ^= 1);
    defects.put("ISVPRODID", p -> p.qeReport[256] ^= 1);
    defects.put("MISCSELECT", p -> p.qeReport[16] ^= 1);
    defects.put("DEBUG", p -> p.qeReport[48] |= 2);
    return refused(defects, Reason.QE_IDENTITY);
  }

  @TestFactory
  Stream<DynamicTest> modulesThatAreUnknown() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put("MRSIGNERSEAM", p -> p.body[64] = 1);
    defects.put("SEAMATTRIBUTES", p -> p.body[112] = 1);
    defects.put("version", p -> p.body[1] = 2);
    return refused(defects, Reason.TDX_MODULE);
  }

  @TestFactory
  Stream<DynamicTest> levelsBelowAll() {
    Map<String, Consumer<TestPlatform>> defects = new LinkedHashMap<>();
    defects.put("SGX component", p -> p.pck.components = components(3));
    defects.put("PCESVN", p -> p.pck.pceSvn = 10);
    defects.put("TDX component", p -> p.body[2] = 1);
    defects.put("TDX module", p -> p.body[0] = 1);
    defects.put("QE", p -> p.qeReport[258] = 3);
    return refused(defects, Reason.TCB_LEVEL);
  }

  @Test
  void otherVendorsQuotingEnclaveIsRefused() {
    byte[] quote = new TestPlatform().quote();
    quote[12] ^= 1;
    assertThat(reason(new TestPlatform().verifier(Policy.strict()).verify(quote)))
        .isEqualTo(Reason.QE_VENDOR);
  }

  @Test
  void bufferAfterTheQuoteIsIgnored() {
    TestPlatform platform = new TestPlatform();
    byte[] quote = platform.quote();
    byte[] buffer = Arrays.copyOf(quote, quote.length + 3065);
    buffer[buffer.length - 1] = 1;

    assertThat(platform.verifier(Policy.strict()).verify(buffer)).isInstanceOf(Accepted.class);
  }

  @Test
  void everyPrefixOfAQuoteIsRefused() {
    TestPlatform platform = new TestPlatform();
    byte[] quote = platform.quote();
    QuoteVerifier verifier = platform.verifier(Policy.strict());

    for (int size = 0; size < quote.length; size++) {
      assertThat(reason(verifier.verify(Arrays.copyOf(quote, size))))
          .isEqualTo(Reason.MALFORMED_QUOTE);
    }
  }

  @Test
  void everyFlippedBitOfAQuoteIsFound() {
    TestPlatform platform = new TestPlatform();
    byte[] quote = platform.quote();
    QuoteVerifier verifier = platform.verifier(Policy.strict());
    assertThat(verifier.verify(quote)).isInstanceOf(Accepted.class);

    List<Integer> unnoticed =
        IntStream.range(0, 8 * quote.length)
            .parallel()
            .filter(bit -> !(verifier.verify(flipped(quote, bit)) instanceof Refused))
            .boxed()
            .toList();

    assertThat(unnoticed).isEmpty();
  }

  static byte[] flipped(byte[] bytes, int bit) {
    byte[] copy = bytes.clone();
    copy[bit / 8] ^= (byte) (1 << bit % 8);
    return copy;
  }

  @Test
  void javaCodeAndNativeCodeAgree() {
    TestPlatform platform = new TestPlatform();
    byte[] good = platform.quote();
    byte[] bad = flipped(good, 8 * 200);
    List<EcdsaP256> implementations = new ArrayList<>();
    implementations.add(EcdsaProviders.javaOnly());
    EcdsaProviders.corretto().ifPresent(implementations::add);

    for (EcdsaP256 ecdsa : implementations) {
      QuoteVerifier verifier =
          QuoteVerifier.builder()
              .trustedRoot(platform.rootCertificate())
              .collateral(platform.collateral())
              .signatures(ecdsa)
              .clock(() -> TestPlatform.NOW)
              .build();
      assertThat(verifier.verify(good)).as(ecdsa.name()).isInstanceOf(Accepted.class);
      assertThat(reason(verifier.verify(bad))).isEqualTo(Reason.QUOTE_SIGNATURE);
    }
  }
}
