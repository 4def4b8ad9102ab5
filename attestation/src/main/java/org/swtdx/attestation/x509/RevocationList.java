package org.swtdx.attestation.x509;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.swtdx.attestation.crypto.EcdsaP256;

/** A certificate revocation list of version 2 with an ECDSA signature. Immutable. */
public final class RevocationList {
  private static final String WHAT = "a revocation list";
  private static final int VERSION_2 = 1;
  private static final int EXTENSIONS = 0xa0;

  private final byte[] encoded;
  private final byte[] signedPart;
  private final byte[] signature;
  private final DistinguishedName issuer;
  private final Instant thisUpdate;
  private final Instant nextUpdate;
  private final BigInteger number;
  private final Set<BigInteger> revoked;

  private RevocationList(byte[] der) throws CertificateFormatException {
    encoded = der.clone();
    SignedDer signed = SignedDer.of(encoded, WHAT);
    signedPart = signed.signedPart();
    signature = signed.signature();
    Der tbs = Der.of(signedPart, WHAT).enter(Der.SEQUENCE);
    if (!tbs.isNext(Der.INTEGER) || tbs.integer(Integer.MAX_VALUE) != VERSION_2) {
      throw new CertificateFormatException("a revocation list is not of version 2");
    }
    SignedDer.requireAlgorithm(tbs);
    issuer = DistinguishedName.read(tbs);
    thisUpdate = tbs.time();
    if (!tbs.isNext(Der.UTC_TIME) && !tbs.isNext(Der.GENERALIZED_TIME)) {
      throw new CertificateFormatException("a revocation list lacks its next update");
    }
    nextUpdate = tbs.time();
    revoked = tbs.isNext(Der.SEQUENCE) ? revoked(tbs.enter(Der.SEQUENCE)) : Set.of();
    if (!tbs.isNext(EXTENSIONS)) {
      throw new CertificateFormatException("a revocation list lacks its extensions");
    }
    Der tagged = tbs.enter(EXTENSIONS);
    tbs.requireEnd();
    number = number(Extension.list(tagged));
    tagged.requireEnd();
  }

  /** Reads a list from DER, which it has to fill. */
  public static RevocationList parse(byte[] der) throws CertificateFormatException {
    return new RevocationList(der);
  }

  /** Intel's lists have a number and name their issuer's key; critical extensions they lack. */
  private static BigInteger number(List<Extension> extensions) throws CertificateFormatException {
    Extension.requireUnderstood(extensions, Set.of(), WHAT);
    byte[] number =
        Extension.find(extensions, Extension.CRL_NUMBER)
            .orElseThrow(
                () -> new CertificateFormatException("a revocation list lacks its number"));
    if (Extension.find(extensions, Extension.AUTHORITY_KEY_IDENTIFIER).isEmpty()) {
      throw new CertificateFormatException(
          "a revocation list lacks its authority's key identifier");
    }
    Der in = Der.of(number, WHAT);
    BigInteger value = in.integer();
    in.requireEnd();
    return value;
  }

  private static Set<BigInteger> revoked(Der entries) throws CertificateFormatException {
    Set<BigInteger> serials = new HashSet<>();
    while (entries.hasMore()) {
      Der entry = entries.enter(Der.SEQUENCE);
      serials.add(entry.integer());
      entry.time();
      if (entry.hasMore()) {
        Extension.requireUnderstood(
            Extension.list(entry), Set.of(), "an entry of a revocation list");
      }
      entry.requireEnd();
    }
    return Collections.unmodifiableSet(serials); // a copy would probe long among hostile hashes
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
