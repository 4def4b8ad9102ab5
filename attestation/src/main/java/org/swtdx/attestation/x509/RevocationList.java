package org.swtdx.attestation.x509;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.TBSCertList;
import org.bouncycastle.asn1.x509.Time;
import org.swtdx.attestation.crypto.EcdsaP256;

/** A certificate revocation list of version 2 with an ECDSA signature. Immutable. */
public final class RevocationList {
  private final byte[] encoded;
  private final byte[] signedPart;
  private final byte[] signature;
  private final DistinguishedName issuer;
  private final Instant thisUpdate;
  private final Instant nextUpdate;
  private final BigInteger number;
  private final Set<BigInteger> revoked;

  private RevocationList(byte[] der) throws CertificateFormatException {
    String what = "a revocation list";
    encoded = der.clone();
    try {
      CertificateList list = CertificateList.getInstance(StrictDer.readLeniently(der, what));
      TBSCertList tbs = list.getTBSCertList();
      StrictDer.requireEcdsa(tbs.getSignature(), list.getSignatureAlgorithm(), what);
      signedPart =
          StrictDer.signedPart(der, what, tbs, list.getSignatureAlgorithm(), list.getSignature());
      signature = StrictDer.signature(list.getSignature(), what);
      issuer = new DistinguishedName(tbs.getIssuer(), StrictDer.encode(tbs.getIssuer(), what));
      Time next = tbs.getNextUpdate();
      Extensions extensions = tbs.getExtensions();
      if (list.getVersionNumber() != 2 || next == null || extensions == null) {
        throw new CertificateFormatException(
            "a revocation list lacks version 2, its next update or its extensions");
      }
      thisUpdate = StrictDer.time(tbs.getThisUpdate());
      nextUpdate = StrictDer.time(next);
      number = number(extensions);
      revoked = revoked(tbs);
    } catch (RuntimeException e) {
      throw new CertificateFormatException("a revocation list has unreadable parts", e);
    }
  }

  /** Reads a list from DER, which it has to fill. */
  public static RevocationList parse(byte[] der) throws CertificateFormatException {
    return new RevocationList(der);
  }

  /** Intel's lists have a number and name their issuer's key; critical extensions they lack. */
  private static BigInteger number(Extensions extensions) throws CertificateFormatException {
    ASN1ObjectIdentifier[] critical = extensions.getCriticalExtensionOIDs();
    if (critical.length > 0) {
      throw new CertificateFormatException(
          "a revocation list has the critical extension "
              + critical[0]
              + ", which is not understood");
    }
    if (extensions.getExtension(Extension.authorityKeyIdentifier) == null
        || extensions.getExtension(Extension.cRLNumber) == null) {
      throw new CertificateFormatException(
          "a revocation list lacks its number or its authority's key identifier");
    }
    return ASN1Integer.getInstance(extensions.getExtensionParsedValue(Extension.cRLNumber))
        .getPositiveValue();
  }

  private static Set<BigInteger> revoked(TBSCertList tbs) throws CertificateFormatException {
    Set<BigInteger> serials = new HashSet<>();
    Enumeration<?> entries = tbs.getRevokedCertificateEnumeration();
    while (entries.hasMoreElements()) {
      var entry = (TBSCertList.CRLEntry) entries.nextElement();
      Extensions extensions = entry.getExtensions();
      if (extensions != null && extensions.getCriticalExtensionOIDs().length > 0) {
        throw new CertificateFormatException(
            "an entry of a revocation list has a critical extension, which is not understood");
      }
      serials.add(entry.getUserCertificate().getPositiveValue());
    }
    return Set.copyOf(serials);
  }

  /** Whether {@code authority}'s key signed this list. */
  public boolean isSignedBy(Certificate authority, EcdsaP256 ecdsa) {
    return ecdsa.verify(authority.publicKey(), signedPart, signature);
  }

  /** Whether a certificate of this list's issuer has been revoked. */
  public boolean isRevoked(Certificate certificate) {
    return revoked.contains(certificate.serialNumber());
  }

  /** The list's DER. */
  public byte[] encoded() {
    return encoded.clone();
  }

  /** Who signed it. */
  public DistinguishedName issuer() {
    return issuer;
  }

  /** When it was made. */
  public Instant thisUpdate() {
    return thisUpdate;
  }

  /** When it expires. */
  public Instant nextUpdate() {
    return nextUpdate;
  }

  /** Rises with each list of an issuer. */
  public BigInteger number() {
    return number;
  }

  /** Serial numbers of the revoked certificates. */
  public Set<BigInteger> revoked() {
    return revoked;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RevocationList that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  @Override
  public String toString() {
    return "revocation list of " + issuer + ", " + revoked.size() + " entries";
  }
}
