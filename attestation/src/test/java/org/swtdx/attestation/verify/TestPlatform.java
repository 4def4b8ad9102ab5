package org.swtdx.attestation.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.crypto.Sha256;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.PemCertificates;

/**
 * A platform with a root of its own that a test can spoil in every respect: change a field, then
 * ask for quote and collateral.
 */
final class TestPlatform {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final byte[] FMSPC = HexFormat.of().parseHex("00906ed50000");
  static final List<Integer> COMPONENTS = List.of(5, 5, 2, 2, 3, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0);

  private static final KeyPair ROOT_KEYS = TestKeys.generate();
  private static final KeyPair CA_KEYS = TestKeys.generate();
  private static final KeyPair PCK_KEYS = TestKeys.generate();
  private static final KeyPair SIGNING_KEYS = TestKeys.generate();
  private static final KeyPair ATTESTATION_KEYS = TestKeys.generate();

  final TestCertificate root = TestCertificate.authority("test SGX Root CA", ROOT_KEYS, 1);
  final TestCertificate ca = TestCertificate.authority("test SGX PCK Platform CA", CA_KEYS, 2);
  final TestCertificate pck = new TestCertificate("test SGX PCK Certificate", PCK_KEYS, 3);
  final TestCertificate signing = new TestCertificate("test SGX TCB Signing", SIGNING_KEYS, 4);

  private final IdentityHashMap<TestCertificate, Certificate> issued = new IdentityHashMap<>();

  int version = 4;
  int teeType = 0x81;
  int bodyType = 2;
  byte[] body = tdBody();
  byte[] qeReport = enclave(2, 6);
  byte[] authenticationData = new byte[32];
  final List<BigInteger> revokedByRoot = new ArrayList<>();
  final List<BigInteger> revokedByCa = new ArrayList<>();
  Instant listed = NOW.minus(Duration.ofDays(5));
  String tcbInfo = TestDocuments.tcbInfo();
  String qeIdentity = TestDocuments.qeIdentity();
  Optional<String> quoteChain = Optional.empty();
  Optional<String> tcbInfoChain = Optional.empty();
  boolean withListIssuer = true;

  TestPlatform() {
    ca.pathLength = 0;
    pck.components = COMPONENTS;
  }

  /** A TD's body: module 1.3, SEPT_VE_DISABLE, recognisable measurements. */
  private static byte[] tdBody() {
    byte[] body = new byte[584];
    body[0] = 3;
    body[1] = 1;
    body[2] = 3;
    body[123] = 0x10; // SEPT_VE_DISABLE
    for (int i = 136; i < body.length; i++) {
      body[i] = (byte) (i / 48);
    }
    return body;
  }

  void td15(int... teeTcbSvn2) {
    version = 5;
    bodyType = 3;
    body = Arrays.copyOf(body, 648);
    for (int i = 0; i < teeTcbSvn2.length; i++) {
      body[584 + i] = (byte) teeTcbSvn2[i];
    }
  }

  void enclave() {
    teeType = 0;
    bodyType = 1;
    body = enclave(7, 9);
    qeReport = enclave(1, 6);
    tcbInfo = TestDocuments.sgxTcbInfo();
    qeIdentity =
        qeIdentity.replace("\"TD_QE\"", "\"QE\"").replace("\"isvprodid\":2", "\"isvprodid\":1");
  }

  private static byte[] enclave(int product, int svn) {
    byte[] report = new byte[384];
    report[48] = 0x15;
    Arrays.fill(report, 64, 96, (byte) 0xee);
    Arrays.fill(report, 128, 160, (byte) 0x5a);
    report[256] = (byte) product;
    report[258] = (byte) svn;
    return report;
  }

  /** Issues a certificate when it is asked for first; signatures differ each time. */
  Certificate issue(TestCertificate subject, TestCertificate issuer) {
    return issued.computeIfAbsent(subject, certificate -> certificate.issuedBy(issuer));
  }

  Certificate rootCertificate() {
    return issue(root, root);
  }

  List<Certificate> chain() {
    return List.of(issue(pck, ca), issue(ca, root), rootCertificate());
  }

  byte[] quote() {
    ByteBuffer signed = buffer(54 + body.length);
    signed.putShort((short) version).putShort((short) 2).putInt(teeType).putInt(0);
    signed.put(HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607")).put(new byte[20]);
    if (version == 5) {
      signed.putShort((short) bodyType).putInt(body.length);
    }
    signed.put(body);
    byte[] message = written(signed);
    byte[] certification = certification();
    ByteBuffer section = buffer(134 + certification.length);
    section.put(TestKeys.sign(ATTESTATION_KEYS.getPrivate(), message));
    section.put(TestKeys.raw(ATTESTATION_KEYS));
    if (version > 3) {
      section.putShort((short) 6).putInt(certification.length);
    }
    section.put(certification);
    byte[] authentication = written(section);
    return written(
        buffer(message.length + 4 + authentication.length)
            .put(message)
            .putInt(authentication.length)
            .put(authentication));
  }

  private static byte[] written(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  private byte[] certification() {
    byte[] report = qeReport.clone();
    byte[] binding = Sha256.of(TestKeys.raw(ATTESTATION_KEYS), authenticationData);
    System.arraycopy(binding, 0, report, 320, binding.length);
    byte[] pem = quoteChain.orElseGet(() -> PemCertificates.text(chain())).getBytes(UTF_8);
    return buffer(384 + 64 + 2 + authenticationData.length + 6 + pem.length)
        .put(report)
        .put(TestKeys.sign(pck.keys.getPrivate(), report))
        .putShort((short) authenticationData.length)
        .put(authenticationData)
        .putShort((short) 5)
        .putInt(pem.length)
        .put(pem)
        .array();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  Collateral collateral() {
    String signers = PemCertificates.text(List.of(issue(signing, root), rootCertificate()));
    String issuers = PemCertificates.text(List.of(issue(ca, root), rootCertificate()));
    return new Collateral(
        list(root, revokedByRoot),
        list(ca, revokedByCa),
        Optional.of(issuers).filter(_ -> withListIssuer),
        document(tcbInfo),
        tcbInfoChain.orElse(signers),
        document(qeIdentity),
        signers,
        Optional.empty());
  }

  SignedDocument document(String text) {
    try {
      byte[] bytes = text.getBytes(UTF_8);
      return new SignedDocument(bytes, TestKeys.sign(signing.keys.getPrivate(), bytes));
    } catch (CollateralException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] list(TestCertificate issuer, List<BigInteger> revoked) {
    try {
      X509v2CRLBuilder builder = new X509v2CRLBuilder(issuer.x500Name(), Date.from(listed));
      builder.setNextUpdate(Date.from(listed.plus(Duration.ofDays(30))));
      builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.ONE));
      builder.addExtension(
          Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(new byte[20]));
      for (BigInteger serial : revoked) {
        builder.addCRLEntry(serial, Date.from(listed), CRLReason.keyCompromise);
      }
      return builder
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.keys.getPrivate()))
          .getEncoded();
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  QuoteVerifier verifier(Policy policy) {
    return QuoteVerifier.builder()
        .trustedRoot(rootCertificate())
        .collateral(collateral())
        .policy(policy)
        .clock(() -> NOW)
        .build();
  }

  Verdict verdict() {
    return verdict(Policy.strict());
  }

  Verdict verdict(Policy policy) {
    return verifier(policy).verify(quote());
  }
}
