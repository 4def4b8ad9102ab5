package org.swtdx.attestation.quoting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/** Revocation lists of the TEST PKI, in DER. */
final class RevocationLists {
  private final TestPki pki;
  private final PkiState state;
  private final Instant thisUpdate;

  RevocationLists(TestPki pki, PkiState state, Instant thisUpdate) {
    this.pki = pki;
    this.state = state;
    this.thisUpdate = thisUpdate;
  }

  /** The root's list: authorities and the TCB signing certificate. */
  byte[] root() {
    return issue(pki.identity(PkiRole.ROOT_CA), List.of(PkiRole.PLATFORM_CA, PkiRole.TCB_SIGNING));
  }

  /** The platform CA's list: PCK certificates. */
  byte[] pck() {
    return issue(pki.identity(PkiRole.PLATFORM_CA), List.of(PkiRole.PCK));
  }

  /** The processor CA's list, which is empty: this platform's PCK comes from the platform CA. */
  byte[] processor() {
    return issue(pki.processorCa(), List.of());
  }

  private byte[] issue(PkiIdentity identity, List<PkiRole> candidates) {
    Date since = Date.from(thisUpdate);
    X509v2CRLBuilder builder = new JcaX509v2CRLBuilder(identity.certificate(), since);
    builder.setNextUpdate(Date.from(thisUpdate.plus(state.validity())));
    for (PkiRole role : candidates) {
      if (state.revoked().contains(role)) {
        X509Certificate certificate = pki.certificate(role);
        builder.addCRLEntry(certificate.getSerialNumber(), since, CRLReason.keyCompromise);
      }
    }
    try {
      builder.addExtension(
          Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(state.serial())));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils()
              .createAuthorityKeyIdentifier(identity.certificate().getPublicKey()));
      return builder.build(CertificateIssuer.signer(identity.key(), pki.random())).getEncoded();
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("a list of our own cannot be built", e);
    } catch (IOException e) {
      throw new UncheckedIOException("a list cannot be encoded", e);
    }
  }
}
