package org.swtdx.attestation.quoting;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteBody;
import org.swtdx.attestation.report.ReportMac;
import org.swtdx.attestation.report.ReportMacStruct;
import org.swtdx.attestation.report.TdReport;

/**
 * The platform's quoting enclave: turns a TDREPORT that this platform made into a quote that others
 * can verify. Its attestation key comes into being with it and is certified by the PCK of a TEST
 * PKI, so its quotes prove nothing about any machine. Thread-safe.
 */
public final class QuotingEnclave {
  /** Intel's vendor ID, without which verifiers don't look further. */
  private static final byte[] VENDOR = HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607");

  /** Security version of the enclave. */
  public static final int ISV_SVN = EnclaveReport.SVN;

  private static final byte[] NONE = {};
  private static final int AUTHENTICATION_SIZE = 32;
  private static final int TYPE_QE_REPORT = 6;
  private static final int TYPE_PCK_CHAIN = 5;

  private final ReportMac platform;
  private final TestPki pki;
  private final KeyPair attestationKey;
  private final byte[] certification;

  /**
   * Creates an enclave.
   *
   * @param pki certifies its key
   * @param platform checks that a report was made on this platform
   */
  public QuotingEnclave(TestPki pki, ReportMac platform) {
    this.pki = pki;
    this.platform = platform;
    attestationKey = EcKeys.generate(pki.random());
    certification = certification();
  }

  /**
   * Makes a quote of a report.
   *
   * @param tdReport the 1024 bytes that TDG.MR.REPORT gave
   * @param version the quote's version and body
   * @throws QuotingException when they are no report about a TD of this platform
   */
  public byte[] quote(byte[] tdReport, QuoteVersion version) throws QuotingException {
    QuoteBody body = QuoteBody.of(checked(tdReport), version.layout());
    byte[] bytes = body.toBytes();
    ByteBuffer out = allocate(Quote.HEADER_SIZE + version.bodyHeaderSize() + bytes.length);
    out.putShort((short) version.number()).putShort((short) Quote.ECDSA_P256);
    out.putInt(Quote.TEE_TDX).putInt(0).put(VENDOR).put(Arrays.copyOf(pki.qeId(), 20));
    if (version.bodyHeaderSize() > 0) {
      out.putShort((short) version.layout().type()).putInt(bytes.length);
    }
    out.put(bytes);
    byte[] signed = new byte[out.position()];
    out.flip().get(signed);
    byte[] signature = EcKeys.sign(attestationKey.getPrivate(), signed, pki.random());
    int section = signature.length + certification.length;
    return allocate(signed.length + Integer.BYTES + section)
        .put(signed)
        .putInt(section)
        .put(signature)
        .put(certification)
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

  /** The attestation key and what vouches for it: the same in every quote of this enclave. */
  private byte[] certification() {
    byte[] key = EcKeys.encode((ECPublicKey) attestationKey.getPublic());
    byte[] authentication = new byte[AUTHENTICATION_SIZE];
    for (int i = 0; i < authentication.length; i++) {
      authentication[i] = (byte) i;
    }
    byte[] report =
        EnclaveReport.compose(mrEnclave(), mrSigner(), EcKeys.sha256(key, authentication));
    byte[] chain = pki.pem(PkiRole.PCK).getBytes(StandardCharsets.US_ASCII);
    int innerSize = report.length + 64 + 2 + authentication.length + 6 + chain.length;
    return allocate(key.length + 6 + innerSize)
        .put(key)
        .putShort((short) TYPE_QE_REPORT)
        .putInt(innerSize)
        .put(report)
        .put(pki.sign(PkiRole.PCK, report))
        .putShort((short) authentication.length)
        .put(authentication)
        .putShort((short) TYPE_PCK_CHAIN)
        .putInt(chain.length)
        .put(chain)
        .array();
  }

  /** Stands where the enclave's measurement would; nothing is measured here. */
  static byte[] mrEnclave() {
    return name(" quoting enclave");
  }

  /** Stands where the hash of the enclave's signing key would. */
  static byte[] mrSigner() {
    return name(" signer");
  }

  private static byte[] name(String of) {
    return EcKeys.sha256((TestPki.MARK + of).getBytes(StandardCharsets.US_ASCII), NONE);
  }

  private static ByteBuffer allocate(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
