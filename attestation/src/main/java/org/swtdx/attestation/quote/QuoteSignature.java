package org.swtdx.attestation.quote;

import java.util.Arrays;

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

  private final byte[] certification;
  private final byte[] signature;
  private final byte[] attestationKey;
  private final EnclaveReportBody qeReport;
  private final byte[] qeReportSignature;
  private final byte[] authenticationData;
  private final byte[] pckChain;

  private QuoteSignature(
      byte[] certification,
      byte[] signature,
      byte[] attestationKey,
      EnclaveReportBody qeReport,
      byte[] qeReportSignature,
      byte[] authenticationData,
      byte[] pckChain) {
    this.certification = certification;
    this.signature = signature;
    this.attestationKey = attestationKey;
    this.qeReport = qeReport;
    this.qeReportSignature = qeReportSignature;
    this.authenticationData = authenticationData;
    this.pckChain = pckChain;
  }

  static QuoteSignature parse(byte[] section, int version) throws QuoteFormatException {
    QuoteReader in = new QuoteReader(section);
    byte[] signature = in.take(64, "the quote signature");
    byte[] key = in.take(64, "the attestation key");
    QuoteReader certification = version == 3 ? in : certification(in, TYPE_QE_REPORT);
    EnclaveReportBody report =
        new EnclaveReportBody(certification.take(EnclaveReportBody.SIZE, "the QE report"));
    byte[] reportSignature = certification.take(64, "the QE report signature");
    int authenticationSize = certification.u16("the QE authentication data size");
    byte[] authentication = certification.take(authenticationSize, "the QE authentication data");
    QuoteReader chain = certification(certification, TYPE_PCK_CHAIN);
    return new QuoteSignature(
        Arrays.copyOfRange(section, signature.length, section.length),
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

  /**
   * Everything but the signature itself, as the quote holds it: the attestation key and what
   * vouches for it. The same in all quotes that a platform makes with one key.
   */
  public byte[] certification() {
    return certification.clone();
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
  public EnclaveReportBody qeReport() {
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
