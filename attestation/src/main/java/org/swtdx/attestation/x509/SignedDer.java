package org.swtdx.attestation.x509;

import java.math.BigInteger;
import java.util.HexFormat;

/** What certificates and revocation lists are: contents, ECDSA with SHA-256, a signature. */
final class SignedDer {
  private static final byte[] ECDSA_WITH_SHA256 =
      HexFormat.of().parseHex("300a06082a8648ce3d040302");

  /** The order of P-256's base point. */
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private static final int COORDINATE = 32;

  private final byte[] signedPart;
  private final byte[] signature;

  private SignedDer(Der outer) throws CertificateFormatException {
    signedPart = outer.encoding(Der.SEQUENCE);
    requireAlgorithm(outer);
    signature = signature(outer);
  }

  /** Takes apart a value that fills {@code der}. */
  static SignedDer of(byte[] der, String what) throws CertificateFormatException {
    Der all = Der.of(der, what);
    Der outer = all.enter(Der.SEQUENCE);
    all.requireEnd();
    SignedDer signed = new SignedDer(outer);
    outer.requireEnd();
    return signed;
  }

  /** Refuses any algorithm but ECDSA with SHA-256, written without parameters. */
  static void requireAlgorithm(Der in) throws CertificateFormatException {
    if (!in.startsWith(ECDSA_WITH_SHA256)) {
      throw new CertificateFormatException(in.what() + " is not signed with ecdsa-with-SHA256");
    }
    in.expect(ECDSA_WITH_SHA256);
  }

  /** The bytes that the signature covers: the first value, which is a sequence. */
  byte[] signedPart() {
    return signedPart;
  }

  /** r and s, 32 bytes each. */
  byte[] signature() {
    return signature;
  }

  private static byte[] signature(Der outer) throws CertificateFormatException {
    Der bits = Der.of(outer.bytesOfBits(), outer.what() + "'s signature");
    Der pair = bits.enter(Der.SEQUENCE);
    bits.requireEnd();
    byte[] signature = new byte[2 * COORDINATE];
    put(pair.integer(), signature, 0);
    put(pair.integer(), signature, COORDINATE);
    pair.requireEnd();
    return signature;
  }

  private static void put(BigInteger number, byte[] target, int offset)
      throws CertificateFormatException {
    if (number.signum() <= 0 || number.compareTo(ORDER) >= 0) {
      throw new CertificateFormatException("a signature's number is out of range");
    }
    byte[] bytes = number.toByteArray();
    int size = Math.min(COORDINATE, bytes.length);
    System.arraycopy(bytes, bytes.length - size, target, offset + COORDINATE - size, size);
  }
}
