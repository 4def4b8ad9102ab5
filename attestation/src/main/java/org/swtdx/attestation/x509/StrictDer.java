package org.swtdx.attestation.x509;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;

/** DER without liberties, and the P-256 keys and signatures in it. */
final class StrictDer {
  /** The order of the curve's base point. */
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private static final int COORDINATE = 32;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss");

  private StrictDer() {}

  /** Reads one value that fills {@code der} and is encoded in the one way that DER allows. */
  static ASN1Primitive read(byte[] der, String what) throws CertificateFormatException {
    ASN1Primitive value = readLeniently(der, what);
    if (!Arrays.equals(encode(value, what), der)) {
      throw notDer(what);
    }
    return value;
  }

  /** Reads one value that fills {@code der}; the caller has to check how it is encoded. */
  static ASN1Primitive readLeniently(byte[] der, String what) throws CertificateFormatException {
    try {
      ASN1Primitive value = ASN1Primitive.fromByteArray(der);
      if (value == null) {
        throw notDer(what);
      }
      return value;
    } catch (IOException | RuntimeException e) {
      throw new CertificateFormatException(what + " is not encoded in DER", e);
    }
  }

  /**
   * Checks that {@code der} is what DER makes of the sequence of what is signed, the algorithm and
   * the signature, and returns the encoding of the first: the bytes that the signature covers.
   */
  static byte[] signedPart(byte[] der, String what, ASN1Object... parts)
      throws CertificateFormatException {
    byte[][] encoded = new byte[parts.length][];
    int size = 0;
    for (int i = 0; i < parts.length; i++) {
      encoded[i] = encode(parts[i], what);
      size += encoded[i].length;
    }
    int position = der.length - size;
    if (position != 2 + lengthBytes(size)) {
      throw notDer(what);
    }
    for (byte[] part : encoded) {
      if (!Arrays.equals(der, position, position + part.length, part, 0, part.length)) {
        throw notDer(what);
      }
      position += part.length;
    }
    return encoded[0];
  }

  /** Bytes that DER needs for a length beside the first. */
  private static int lengthBytes(int size) {
    return size < 0x80 ? 0 : (Integer.SIZE - Integer.numberOfLeadingZeros(size) + 7) / 8;
  }

  private static CertificateFormatException notDer(String what) {
    return new CertificateFormatException(what + " is not encoded in DER");
  }

  /** Returns a time to the second, as certificates have it. */
  static Instant time(Time time) throws CertificateFormatException {
    String text = time.getTime(); // 20250619100033GMT+00:00
    try {
      return LocalDateTime.parse(text.substring(0, 14), TIME).toInstant(ZoneOffset.UTC);
    } catch (RuntimeException e) {
      throw new CertificateFormatException("the time " + text + " is not one of DER", e);
    }
  }

  static byte[] encode(ASN1Object value, String what) throws CertificateFormatException {
    try {
      return value.getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new CertificateFormatException(what + " is not encoded in DER", e);
    }
  }

  /** Refuses any signature algorithm but ECDSA with SHA-256, named twice alike. */
  static void requireEcdsa(AlgorithmIdentifier inner, AlgorithmIdentifier outer, String what)
      throws CertificateFormatException {
    if (!outer.getAlgorithm().equals(X9ObjectIdentifiers.ecdsa_with_SHA256)
        || !inner.equals(outer)
        || outer.getParameters() != null) {
      throw new CertificateFormatException(what + " is not signed with ecdsa-with-SHA256");
    }
  }

  /** Returns x and y of a P-256 key. */
  static byte[] key(SubjectPublicKeyInfo info, String what) throws CertificateFormatException {
    byte[] point = info.getPublicKeyData().getOctets();
    if (!info.getAlgorithm().getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
        || !SECObjectIdentifiers.secp256r1.equals(info.getAlgorithm().getParameters())
        || info.getPublicKeyData().getPadBits() != 0
        || point.length != 1 + 2 * COORDINATE
        || point[0] != 4) {
      throw new CertificateFormatException(what + " has no uncompressed P-256 key");
    }
    return Arrays.copyOfRange(point, 1, point.length);
  }

  /** Returns r and s of a signature, which must be minimal and in range. */
  static byte[] signature(ASN1BitString bits, String what) throws CertificateFormatException {
    if (bits.getPadBits() != 0) {
      throw new CertificateFormatException(what + " has a signature of odd bits");
    }
    try {
      BigInteger[] numbers = StandardDSAEncoding.INSTANCE.decode(ORDER, bits.getOctets());
      byte[] signature = new byte[2 * COORDINATE];
      put(numbers[0], signature, 0);
      put(numbers[1], signature, COORDINATE);
      return signature;
    } catch (IOException | RuntimeException e) {
      throw new CertificateFormatException(
          what + " has a signature that is no pair of numbers in range", e);
    }
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
