package org.swtdx.attestation.x509;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.crypto.EcdsaP256;

/** An X.509 certificate of version 3 with a P-256 key and an ECDSA signature. Immutable. */
public final class Certificate {
  private static final ASN1ObjectIdentifier SGX = new ASN1ObjectIdentifier(SgxExtensions.OID);
  private static final Set<ASN1ObjectIdentifier> UNDERSTOOD =
      Set.of(
          Extension.basicConstraints,
          Extension.keyUsage,
          Extension.authorityKeyIdentifier,
          Extension.subjectKeyIdentifier,
          Extension.cRLDistributionPoints,
          SGX);
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
    String what = "a certificate";
    encoded = der.clone();
    try {
      var certificate =
          org.bouncycastle.asn1.x509.Certificate.getInstance(StrictDer.readLeniently(der, what));
      TBSCertificate tbs = certificate.getTBSCertificate();
      Extensions extensions = tbs.getExtensions();
      if (tbs.getVersionNumber() != 3
          || tbs.getIssuerUniqueId() != null
          || tbs.getSubjectUniqueId() != null
          || extensions == null) {
        throw new CertificateFormatException("a certificate is not of version 3's common shape");
      }
      requireUnderstood(extensions);
      StrictDer.requireEcdsa(tbs.getSignature(), certificate.getSignatureAlgorithm(), what);
      signedPart =
          StrictDer.signedPart(
              der, what, tbs, certificate.getSignatureAlgorithm(), certificate.getSignature());
      signature = StrictDer.signature(certificate.getSignature(), what);
      publicKey = StrictDer.key(tbs.getSubjectPublicKeyInfo(), what);
      serialNumber = tbs.getSerialNumber().getPositiveValue();
      issuer = name(tbs.getIssuer());
      subject = name(tbs.getSubject());
      notBefore = StrictDer.time(tbs.getStartDate());
      notAfter = StrictDer.time(tbs.getEndDate());
      BasicConstraints constraints = BasicConstraints.fromExtensions(extensions);
      authority = constraints != null && constraints.isCA();
      BigInteger length = constraints == null ? null : constraints.getPathLenConstraint();
      pathLength = length == null ? Integer.MAX_VALUE : length.min(LONGEST_PATH).intValueExact();
      keyUsage = usage(KeyUsage.fromExtensions(extensions));
      Extension sgx = extensions.getExtension(SGX);
      sgxExtension = sgx == null ? null : sgx.getExtnValue().getOctets();
    } catch (RuntimeException e) {
      throw new CertificateFormatException("a certificate has unreadable parts", e);
    }
  }

  /** Reads a certificate from DER, which it has to fill. */
  public static Certificate parse(byte[] der) throws CertificateFormatException {
    return new Certificate(der);
  }

  private static DistinguishedName name(X500Name name) throws CertificateFormatException {
    return new DistinguishedName(name, StrictDer.encode(name, "a name"));
  }

  private static void requireUnderstood(Extensions extensions) throws CertificateFormatException {
    for (ASN1ObjectIdentifier critical : extensions.getCriticalExtensionOIDs()) {
      if (!UNDERSTOOD.contains(critical)) {
        throw new CertificateFormatException(
            "a certificate has the critical extension " + critical + ", which is not understood");
      }
    }
  }

  private static int usage(@Nullable KeyUsage usage) {
    int bits = 0;
    for (int bit : new int[] {KeyUsage.digitalSignature, KeyUsage.keyCertSign, KeyUsage.cRLSign}) {
      bits |= usage != null && usage.hasUsages(bit) ? bit : 0;
    }
    return bits;
  }

  /** Whether {@code authority}'s key signed this certificate. */
  public boolean isSignedBy(Certificate authority, EcdsaP256 ecdsa) {
    return ecdsa.verify(authority.publicKey, signedPart, signature);
  }

  /** Whether the key may sign data: digitalSignature, and no CA. */
  public boolean maySignData() {
    return !authority && (keyUsage & KeyUsage.digitalSignature) != 0;
  }

  /** Whether the key may sign certificates: a CA with keyCertSign. */
  public boolean maySignCertificates() {
    return authority && (keyUsage & KeyUsage.keyCertSign) != 0;
  }

  /** Whether the key may sign revocation lists: a CA with cRLSign. */
  public boolean maySignLists() {
    return authority && (keyUsage & KeyUsage.cRLSign) != 0;
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
