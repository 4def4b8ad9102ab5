package org.swtdx.attestation.quoting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Builds certificates as Intel's PCK Certificate Profile has them: the same common names, key
 * usages and extensions. The organization says that they are not Intel's.
 */
final class CertificateIssuer {
  private static final Duration AUTHORITY_VALIDITY = Duration.ofDays(20L * 365);
  private static final Duration LEAF_VALIDITY = Duration.ofDays(7L * 365);

  private final SecureRandom random;
  private final Instant now;

  CertificateIssuer(SecureRandom random, Instant now) {
    this.random = random;
    this.now = now;
  }

  /**
   * Issues the certificate of a role.
   *
   * @param key the subject's key
   * @param issuer who signs
   * @param issuerKey the issuer's public key
   * @param sgx the SGX extension, for a PCK certificate
   */
  X509Certificate issue(
      PkiRole role,
      PublicKey key,
      PrivateKey issuer,
      PublicKey issuerKey,
      @Nullable DERSequence sgx) {
    return issue(role, role.commonName(), key, issuer, issuerKey, sgx);
  }

  /** Issues a certificate of a role's shape with a name of its own. */
  X509Certificate issue(
      PkiRole role,
      String commonName,
      PublicKey key,
      PrivateKey issuer,
      PublicKey issuerKey,
      @Nullable DERSequence sgx) {
    try {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name(role.issuer().commonName()),
              new BigInteger(159, random).setBit(158),
              Date.from(now.minus(Duration.ofDays(1))),
              Date.from(now.plus(role.isAuthority() ? AUTHORITY_VALIDITY : LEAF_VALIDITY)),
              name(commonName),
              key);
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(issuerKey));
      builder.addExtension(Extension.cRLDistributionPoints, false, distributionPoint(role));
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
      builder.addExtension(Extension.keyUsage, true, usage(role));
      builder.addExtension(Extension.basicConstraints, true, constraints(role));
      if (sgx != null) {
        builder.addExtension(SgxExtension.OID, false, sgx);
      }
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(signer(issuer, random)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("a certificate of our own cannot be built", e);
    } catch (IOException e) {
      throw new UncheckedIOException("an extension cannot be encoded", e);
    }
  }

  /** Signs certificates and revocation lists with ECDSA and SHA-256. */
  static ContentSigner signer(PrivateKey key, SecureRandom random)
      throws OperatorCreationException {
    return new JcaContentSignerBuilder("SHA256withECDSA").setSecureRandom(random).build(key);
  }

  private static X500Name name(String commonName) {
    return new X500NameBuilder(BCStyle.INSTANCE)
        .addRDN(BCStyle.CN, commonName)
        .addRDN(BCStyle.O, TestPki.ORGANIZATION)
        .build();
  }

  private static KeyUsage usage(PkiRole role) {
    return new KeyUsage(
        role.isAuthority()
            ? KeyUsage.keyCertSign | KeyUsage.cRLSign
            : KeyUsage.digitalSignature | KeyUsage.nonRepudiation);
  }

  private static BasicConstraints constraints(PkiRole role) {
    return switch (role) {
      case ROOT_CA -> new BasicConstraints(1);
      case PLATFORM_CA -> new BasicConstraints(0);
      case PCK, TCB_SIGNING -> new BasicConstraints(false);
    };
  }

  private static CRLDistPoint distributionPoint(PkiRole role) {
    String path = role == PkiRole.PCK ? TestPki.PCK_CRL_URL : TestPki.ROOT_CRL_URL;
    GeneralName url = new GeneralName(GeneralName.uniformResourceIdentifier, path);
    return new CRLDistPoint(
        new DistributionPoint[] {
          new DistributionPoint(new DistributionPointName(new GeneralNames(url)), null, null)
        });
  }
}
