package org.swtdx.attestation.x509;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.crypto.EcdsaP256;

/** An X.509 certificate of version 3 with a P-256 key and an ECDSA signature. Immutable. */
public final class Certificate {
  private static final String WHAT = "a certificate";
  private static final Set<ByteBuffer> UNDERSTOOD =
      Set.of(
          Extension.BASIC_CONSTRAINTS,
          Extension.KEY_USAGE,
          Extension.AUTHORITY_KEY_IDENTIFIER,
          Extension.SUBJECT_KEY_IDENTIFIER,
          Extension.CRL_DISTRIBUTION_POINTS,
          Extension.SGX);

  /** The version, tagged [0], and its number 2, which stands for version 3. */
  private static final byte[] VERSION_3 = HexFormat.of().parseHex("a003020102");

  /** SubjectPublicKeyInfo of a P-256 key up to its coordinates, as an uncompressed point. */
  private static final byte[] P256_KEY =
      HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

  private static final int EXTENSIONS = 0xa3;
  private static final int DIGITAL_SIGNATURE = 0x80;
  private static final int KEY_CERT_SIGN = 0x04;
  private static final int CRL_SIGN = 0x02;
  private static final BigInteger LONGEST_PATH = BigInteger.valueOf(Integer.MAX_VALUE);

  private final byte[] encoded;
  private final byte[] signedPart;
  private final byte[] signature;
  private final byte[] publicKey;
  private final BigInteger serialNumber;
  private final DistinguishedName issuer;
  private final DistinguishedName subject;
  private final Instant notBefore;
  private final Instant notAfter;
  private final boolean authority;
  private final int pathLength;
  private final int keyUsage;
  private final byte @Nullable [] sgxExtension;

  private Certificate(byte[] der) throws CertificateFormatException {
    encoded = der.clone();
    SignedDer signed = SignedDer.of(encoded, WHAT);
    signedPart = signed.signedPart();
    signature = signed.signature();
    Der tbs = Der.of(signedPart, WHAT).enter(Der.SEQUENCE);
    if (!tbs.startsWith(VERSION_3)) {
      throw new CertificateFormatException("a certificate is not of version 3");
    }
    tbs.expect(VERSION_3);
    serialNumber = tbs.integer();
    SignedDer.requireAlgorithm(tbs);
    issuer = DistinguishedName.read(tbs);
    Der validity = tbs.enter(Der.SEQUENCE);
    notBefore = validity.time();
    notAfter = validity.time();
    validity.requireEnd();
    subject = DistinguishedName.read(tbs);
    publicKey = key(tbs.encoding(Der.SEQUENCE));
    Der tagged = tbs.enter(EXTENSIONS);
    tbs.requireEnd();
    List<Extension> extensions = Extension.list(tagged);
    tagged.requireEnd();
    Extension.requireUnderstood(extensions, UNDERSTOOD, WHAT);
    Constraints constraints =
        Constraints.read(Extension.find(extensions, Extension.BASIC_CONSTRAINTS));
    authority = constraints.authority();
    pathLength = constraints.pathLength();
    Optional<byte[]> usage = Extension.find(extensions, Extension.KEY_USAGE);
    keyUsage = usage.isPresent() ? usage(usage.get()) : 0;
    sgxExtension = Extension.find(extensions, Extension.SGX).orElse(null);
  }

  /** Reads a certificate from DER, which it has to fill. */
  public static Certificate parse(byte[] der) throws CertificateFormatException {
    return new Certificate(der);
  }

  /** Returns x and y of a P-256 key. */
  private static byte[] key(byte[] info) throws CertificateFormatException {
    if (info.length != P256_KEY.length + EcdsaP256.KEY_SIZE
        || !Arrays.equals(info, 0, P256_KEY.length, P256_KEY, 0, P256_KEY.length)) {
      throw new CertificateFormatException("a certificate has no uncompressed P-256 key");
    }
    return Arrays.copyOfRange(info, P256_KEY.length, info.length);
  }

  /** The extension basicConstraints. */
  private record Constraints(boolean authority, int pathLength) {
    static Constraints read(Optional<byte[]> extension) throws CertificateFormatException {
      if (extension.isEmpty()) {
        return new Constraints(false, Integer.MAX_VALUE);
      }
      Der all = Der.of(extension.get(), WHAT);
      Der in = all.enter(Der.SEQUENCE);
      all.requireEnd();
      boolean authority = in.isNext(Der.BOOLEAN);
      if (authority) {
        in.expectTrue();
      }
      int pathLength = in.hasMore() ? pathLength(in) : Integer.MAX_VALUE;
      in.requireEnd();
      return new Constraints(authority, pathLength);
    }

    private static int pathLength(Der in) throws CertificateFormatException {
      BigInteger length = in.integer();
      if (length.signum() < 0) {
        throw in.malformed();
      }
      return length.min(LONGEST_PATH).intValueExact();
    }
  }

  private static int usage(byte[] extension) throws CertificateFormatException {
    Der all = Der.of(extension, WHAT);
    byte[] bits = all.bits();
    all.requireEnd();
    return bits.length == 0 ? 0 : Byte.toUnsignedInt(bits[0]);
  }

  /** Whether {@code authority}'s key signed this certificate. */
  public boolean isSignedBy(Certificate authority, EcdsaP256 ecdsa) {
    return ecdsa.verify(authority.publicKey, signedPart, signature);
  }

  /** Whether the key may sign data: digitalSignature, and no CA. */
  public boolean maySignData() {
    return !authority && (keyUsage & DIGITAL_SIGNATURE) != 0;
  }

  /** Whether the key may sign certificates: a CA with keyCertSign. */
  public boolean maySignCertificates() {
    return authority && (keyUsage & KEY_CERT_SIGN) != 0;
  }

  /** Whether the key may sign revocation lists: a CA with cRLSign. */
  public boolean maySignLists() {
    return authority && (keyUsage & CRL_SIGN) != 0;
  }

  /** How many CAs may stand between this one and an end certificate. */
  public int pathLength() {
    return authority ? pathLength : 0;
  }

  /** Whether subject and issuer are the same, as in a root. */
  public boolean isSelfIssued() {
    return subject.equals(issuer);
  }

  /** The certificate's DER. */
  public byte[] encoded() {
    return encoded.clone();
  }

  /** The public key: x and y, 64 bytes. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** The number that revocation lists name it by. */
  public BigInteger serialNumber() {
    return serialNumber;
  }

  /** Who signed it. */
  public DistinguishedName issuer() {
    return issuer;
  }

  /** Whose it is. */
  public DistinguishedName subject() {
    return subject;
  }

  /** First moment of its validity. */
  public Instant notBefore() {
    return notBefore;
  }

  /** Last moment of its validity. */
  public Instant notAfter() {
    return notAfter;
  }

  /** Whether it has the SGX extension that PCK certificates have. */
  public boolean isPck() {
    return sgxExtension != null;
  }

  /** Content of the SGX extension, if it has one. */
  Optional<byte[]> sgxExtension() {
    return Optional.ofNullable(sgxExtension).map(byte[]::clone);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Certificate that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  @Override
  public String toString() {
    return subject.toString();
  }
}
