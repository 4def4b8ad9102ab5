package org.swtdx.attestation.quote;

/**
 * The signature section of a quote: a signature by the attestation key, the report of the quoting
 * enclave that vouches for that key, the signature of the platform's PCK over the report, and the
 * PCK's certificate chain. Immutable.
 */
public final class QuoteSignature {
  /** Certification data that is a QE report with certification data of its own. */
  static final int TYPE_QE_REPORT = 6;

  /** Certification data that is a PCK certificate chain in PEM. */
  static final int TYPE_PCK_CHAIN = 5;

  private final byte[] signature;
  private final byte[] attestationKey;
  private final QeReport qeReport;
  private final byte[] qeReportSignature;
  private final byte[] authenticationData;
  private final byte[] pckChain;

  QuoteSignature(
      byte[] signature,
      byte[] attestationKey,
      QeReport qeReport,
      byte[] qeReportSignature,
      byte[] authenticationData,
      byte[] pckChain) {
    this.signature = signature;
    this.attestationKey = attestationKey;
    this.qeReport = qeReport;
    this.qeReportSignature = qeReportSignature;
    this.authenticationData = authenticationData;
    this.pckChain = pckChain;
  }

  static QuoteSignature parse(byte[] section) throws QuoteFormatException {
    QuoteReader in = new QuoteReader(section);
    byte[] signature = in.take(64, "the quote signature");
    byte[] key = in.take(64, "the attestation key");
    QuoteReader certification = certification(in, TYPE_QE_REPORT);
    QeReport report = new QeReport(certification.take(QeReport.SIZE, "the QE report"));
    byte[] reportSignature = certification.take(64, "the QE report signature");
    int authenticationSize = certification.u16("the QE authentication data size");
    byte[] authentication = certification.take(authenticationSize, "the QE authentication data");
    QuoteReader chain = certification(certification, TYPE_PCK_CHAIN);
    return new QuoteSignature(
        signature,
        key,
        report,
        reportSignature,
        authentication,
        chain.take(chain.remaining(), "the PCK certificate chain"));
  }

  /** Reads the certification data that fills the rest of {@code in}. */
  private static QuoteReader certification(QuoteReader in, int wanted) throws QuoteFormatException {
    int type = in.u16("the certification data type");
    if (type != wanted) {
      throw new QuoteFormatException(
          "certification data of type " + type + " where type " + wanted + " belongs");
    }
    int size = in.u32("the certification data size");
    QuoteReader data = new QuoteReader(in.take(size, "certification data"));
    if (in.remaining() != 0) {
      throw new QuoteFormatException(
          "the signature section goes on for "
              + in.remaining()
              + " bytes after its certification data");
    }
    return data;
  }

  /** Signature of the attestation key over header and body: r and s, big-endian (64 bytes). */
  public byte[] signature() {
    return signature.clone();
  }

  /** The attestation key: x and y, big-endian (64 bytes). */
  public byte[] attestationKey() {
    return attestationKey.clone();
  }

  /** The quoting enclave's report. */
  public QeReport qeReport() {
    return qeReport;
  }

  /** Signature of the PCK over the QE report (64 bytes). */
  public byte[] qeReportSignature() {
    return qeReportSignature.clone();
  }

  /** What the quoting enclave hashed together with the attestation key. */
  public byte[] authenticationData() {
    return authenticationData.clone();
  }

  /** The PCK certificate chain, PEM, leaf first. */
  public byte[] pckChain() {
    return pckChain.clone();
  }
}
