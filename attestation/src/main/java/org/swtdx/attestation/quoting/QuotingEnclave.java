package org.swtdx.attestation.quoting;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.swtdx.attestation.quote.PckChain;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteBody;
import org.swtdx.attestation.report.ReportMac;
import org.swtdx.attestation.report.ReportMacStruct;
import org.swtdx.attestation.report.TdReport;

/**
 * The platform's quoting enclave: turns a TDREPORT that this platform made into a quote that others
 * can verify. Its keys are certified by a TEST PKI that comes into being with it, so its quotes
 * prove nothing beyond this process. Thread-safe.
 */
public final class QuotingEnclave {
  /** Intel's vendor ID, without which verifiers don't look further. */
  private static final byte[] VENDOR = HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607");

  private static final byte[] NONE = {};
  private static final int AUTHENTICATION_SIZE = 32;
  private static final int TYPE_QE_REPORT = 6;
  private static final int TYPE_PCK_CHAIN = 5;

  private final ReportMac platform;
  private final SecureRandom random;
  private final TestPki pki;
  private final KeyPair attestationKey;

  private QuotingEnclave(ReportMac platform, SecureRandom random, TestPki pki) {
    this.platform = platform;
    this.random = random;
    this.pki = pki;
    this.attestationKey = EcKeys.generate(random);
  }

  /**
   * Creates an enclave with a TEST PKI of its own.
   *
   * @param platform checks that a report was made on this platform
   * @param entropy where keys come from; the same numbers give the same keys
   * @param now when the certificates begin to be valid
   */
  public static QuotingEnclave create(ReportMac platform, RandomGenerator entropy, Instant now) {
    SecureRandom random = new GeneratorSecureRandom(entropy);
    return new QuotingEnclave(platform, random, new TestPki(random, now));
  }

  /** The TEST PKI's root: what a verifier of these quotes has to trust. */
  public X509Certificate root() {
    return pki.chain().root();
  }

  /** The whole chain, leaf first. */
  public PckChain chain() {
    return pki.chain();
  }

  /**
   * Makes a version 4 quote of a report.
   *
   * @param tdReport the 1024 bytes that TDG.MR.REPORT gave
   * @throws QuotingException when they are no report about a TD of this platform
   */
  public byte[] quote(byte[] tdReport) throws QuotingException {
    TdReport report = checked(tdReport);
    byte[] body = QuoteBody.of(report, QuoteBody.Layout.TD_1_0).toBytes();
    byte[] signed =
        allocate(Quote.HEADER_SIZE + body.length)
            .putShort((short) 4)
            .putShort((short) Quote.ECDSA_P256)
            .putInt(Quote.TEE_TDX)
            .putInt(0)
            .put(VENDOR)
            .put(new byte[20])
            .put(body)
            .array();
    byte[] section = signatureSection(signed);
    return allocate(signed.length + Integer.BYTES + section.length)
        .put(signed)
        .putInt(section.length)
        .put(section)
        .array();
  }

  private TdReport checked(byte[] tdReport) throws QuotingException {
    if (tdReport.length != TdReport.SIZE) {
      throw new QuotingException("a TDREPORT has 1024 bytes, not " + tdReport.length);
    }
    TdReport report = TdReport.parse(tdReport);
    ReportMacStruct struct = report.macStruct();
    if (struct.type() != ReportMacStruct.TYPE_TDX
        || struct.subType() != 0
        || struct.version() > 1) {
      throw new QuotingException(
          "report type 0x%x.%d.%d is not a TD's"
              .formatted(struct.type(), struct.subType(), struct.version()));
    }
    if (!platform.verify(struct.toBytes())) {
      throw new QuotingException("the report was not made on this platform: its MAC is wrong");
    }
    if (!report.hashesMatch()) {
      throw new QuotingException("the report's TD or module is not the authenticated one");
    }
    return report;
  }

  private byte[] signatureSection(byte[] signed) {
    byte[] key = EcKeys.encode((ECPublicKey) attestationKey.getPublic());
    byte[] authentication = new byte[AUTHENTICATION_SIZE];
    for (int i = 0; i < authentication.length; i++) {
      authentication[i] = (byte) i;
    }
    byte[] report =
        EnclaveReport.compose(
            name(" quoting enclave"), name(" signer"), EcKeys.sha256(key, authentication));
    byte[] chain = pki.pem();
    int innerSize = report.length + 64 + 2 + authentication.length + 6 + chain.length;
    return allocate(128 + 6 + innerSize)
        .put(EcKeys.sign(attestationKey.getPrivate(), signed, random))
        .put(key)
        .putShort((short) TYPE_QE_REPORT)
        .putInt(innerSize)
        .put(report)
        .put(pki.signWithPck(report))
        .putShort((short) authentication.length)
        .put(authentication)
        .putShort((short) TYPE_PCK_CHAIN)
        .putInt(chain.length)
        .put(chain)
        .array();
  }

  /** Stands where an enclave's measurement would; nothing is measured here. */
  private static byte[] name(String of) {
    return EcKeys.sha256((TestPki.MARK + of).getBytes(StandardCharsets.US_ASCII), NONE);
  }

  private static ByteBuffer allocate(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
