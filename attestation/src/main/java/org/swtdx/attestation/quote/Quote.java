package org.swtdx.attestation.quote;

import java.util.Arrays;
import java.util.Optional;

/**
 * A quote taken apart: of version 3 about an enclave, 4 about a TD or an enclave, or 5 about either
 * (Intel SGX and TDX DCAP Quoting Library APIs, "Quote Format"). Parsing checks the layout only.
 * Immutable.
 */
public final class Quote {
  /** Bytes of the header. */
  public static final int HEADER_SIZE = 48;

  /** The one kind of attestation key that is understood: ECDSA over P-256. */
  public static final int ECDSA_P256 = 2;

  /** TEE type of an enclave. */
  public static final int TEE_SGX = 0;

  /** TEE type of a TD. */
  public static final int TEE_TDX = 0x81;

  private static final int BODY_SGX = 1;

  private final int version;
  private final int teeType;
  private final byte[] qeVendorId;
  private final byte[] userData;
  private final QuoteBody body;
  private final byte[] signedPart;
  private final QuoteSignature signature;
  private final int length;

  private Quote(QuoteReader in, byte[] quote) throws QuoteFormatException {
    version = in.u16("the version");
    require(version >= 3 && version <= 5, "quote version " + version + " is not 3, 4 or 5");
    int keyType = in.u16("the attestation key type");
    require(keyType == ECDSA_P256, "attestation key type " + keyType + " is not ECDSA P-256");
    teeType = in.u32("the TEE type");
    require(
        teeType == TEE_SGX || teeType == TEE_TDX && version > 3,
        "TEE type 0x%x in a quote of version %d".formatted(teeType, version));
    in.take(4, "the header's security versions");
    qeVendorId = in.take(16, "the QE vendor ID");
    userData = in.take(20, "the user data");
    body = body(in, version, teeType);
    signedPart = Arrays.copyOf(quote, in.position());
    byte[] section = in.take(in.u32("the signature size"), "the signature section");
    length = in.position();
    signature = QuoteSignature.parse(section, version);
  }

  /**
   * Takes a quote apart. What follows its end is the rest of a buffer, as many real quotes have it;
   * nothing signs it and nothing reads it.
   *
   * @throws QuoteFormatException when it is truncated, inconsistent, or of another kind
   */
  public static Quote parse(byte[] quote) throws QuoteFormatException {
    return new Quote(new QuoteReader(quote), quote);
  }

  private static QuoteBody body(QuoteReader in, int version, int teeType)
      throws QuoteFormatException {
    if (version < 5) {
      return body(in, teeType == TEE_SGX ? BODY_SGX : QuoteBody.Layout.TD_1_0.type());
    }
    int type = in.u16("the body type");
    require(
        type == BODY_SGX ? teeType == TEE_SGX : teeType == TEE_TDX,
        "quote body type " + type + " does not go with TEE type 0x" + Integer.toHexString(teeType));
    int size = in.u32("the body size");
    QuoteBody body = body(in, type);
    require(
        size == body.toBytes().length,
        "body type " + type + " cannot have " + Integer.toUnsignedString(size) + " bytes");
    return body;
  }

  private static QuoteBody body(QuoteReader in, int type) throws QuoteFormatException {
    if (type == BODY_SGX) {
      return new EnclaveReportBody(in.take(EnclaveReportBody.SIZE, "the quote body"));
    }
    for (QuoteBody.Layout layout : QuoteBody.Layout.values()) {
      if (layout.type() == type) {
        return new TdQuoteBody(layout, in.take(layout.size(), "the quote body"));
      }
    }
    throw new QuoteFormatException("quote body type " + type + " is unknown");
  }

  private static void require(boolean condition, String otherwise) throws QuoteFormatException {
    if (!condition) {
      throw new QuoteFormatException(otherwise);
    }
  }

  /** Quote version, 3 to 5. */
  public int version() {
    return version;
  }

  /** {@link #TEE_SGX} or {@link #TEE_TDX}. */
  public int teeType() {
    return teeType;
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

  /** What the quote says of a TD; nothing when it is an enclave's. */
  public Optional<TdQuoteBody> td() {
    return body instanceof TdQuoteBody td ? Optional.of(td) : Optional.empty();
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
  public byte[] signedPart() {
    return signedPart.clone();
  }
}
