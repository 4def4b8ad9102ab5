package org.swtdx.attestation.quote;

import java.util.Arrays;

/**
 * A TDX quote of version 4 or 5, taken apart (Intel TDX DCAP Quoting Library API, "TD Quote
 * Format"). Parsing checks the layout only; {@link QuoteVerifier} judges. Immutable.
 */
public final class Quote {
  /** Bytes of the header. */
  public static final int HEADER_SIZE = 48;

  /** The one kind of attestation key there is for TDX: ECDSA over P-256. */
  public static final int ECDSA_P256 = 2;

  /** TEE type of a TD. */
  public static final int TEE_TDX = 0x81;

  private final int version;
  private final byte[] qeVendorId;
  private final byte[] userData;
  private final QuoteBody body;
  private final byte[] signedPart;
  private final QuoteSignature signature;
  private final int length;

  private Quote(
      int version,
      byte[] qeVendorId,
      byte[] userData,
      QuoteBody body,
      byte[] signedPart,
      QuoteSignature signature,
      int length) {
    this.version = version;
    this.qeVendorId = qeVendorId;
    this.userData = userData;
    this.body = body;
    this.signedPart = signedPart;
    this.signature = signature;
    this.length = length;
  }

  /**
   * Takes a quote apart. Bytes after its end are the rest of a buffer, as many quotes come with.
   *
   * @throws QuoteFormatException when it is truncated, inconsistent, or of another kind
   */
  public static Quote parse(byte[] quote) throws QuoteFormatException {
    QuoteReader in = new QuoteReader(quote);
    int version = in.u16("the version");
    require(version == 4 || version == 5, "quote version " + version + " is not a TDX quote's");
    int keyType = in.u16("the attestation key type");
    require(keyType == ECDSA_P256, "attestation key type " + keyType + " is not ECDSA P-256");
    int teeType = in.u32("the TEE type");
    require(teeType == TEE_TDX, "TEE type 0x%x is not TDX".formatted(teeType));
    in.take(4, "the reserved header field");
    byte[] vendor = in.take(16, "the QE vendor ID");
    byte[] userData = in.take(20, "the user data");
    QuoteBody body = body(in, version);
    byte[] signedPart = Arrays.copyOf(quote, in.position());
    byte[] section = in.take(in.u32("the signature size"), "the signature section");
    int length = in.position();
    return new Quote(
        version, vendor, userData, body, signedPart, QuoteSignature.parse(section), length);
  }

  private static QuoteBody body(QuoteReader in, int version) throws QuoteFormatException {
    QuoteBody.Layout layout = QuoteBody.Layout.TD_1_0;
    if (version == 5) {
      int type = in.u16("the body type");
      require(type == 2 || type == 3, "quote body type " + type + " is not a TD's");
      layout = type == 2 ? QuoteBody.Layout.TD_1_0 : QuoteBody.Layout.TD_1_5;
      int size = in.u32("the body size");
      require(size == layout.size(), "body type " + type + " cannot have " + size + " bytes");
    }
    return new QuoteBody(layout, in.take(layout.size(), "the quote body"));
  }

  private static void require(boolean condition, String otherwise) throws QuoteFormatException {
    if (!condition) {
      throw new QuoteFormatException(otherwise);
    }
  }

  /** Quote version, 4 or 5. */
  public int version() {
    return version;
  }

  /** Vendor of the quoting enclave (16 bytes). */
  public byte[] qeVendorId() {
    return qeVendorId.clone();
  }

  /** The quoting enclave's own data (20 bytes). */
  public byte[] userData() {
    return userData.clone();
  }

  /** What the quote says. */
  public QuoteBody body() {
    return body;
  }

  /** What vouches for it. */
  public QuoteSignature signature() {
    return signature;
  }

  /** Bytes of the quote without what follows its end. */
  public int length() {
    return length;
  }

  /** The bytes that the attestation key signed: header and body. */
  byte[] signedPart() {
    return signedPart.clone();
  }
}
