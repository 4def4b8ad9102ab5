package org.swtdx.attestation.collateral;

import java.util.Arrays;
import java.util.Optional;

/**
 * Everything beside a quote that its verification needs, as it was received. Immutable; equal when
 * all bytes are, so that what was verified once need not be verified again.
 */
public final class Collateral {
  private final byte[] rootCaCrl;
  private final byte[] pckCrl;
  private final Optional<String> pckCrlIssuerChain;
  private final SignedDocument tcbInfo;
  private final String tcbInfoIssuerChain;
  private final SignedDocument qeIdentity;
  private final String qeIdentityIssuerChain;
  private final Optional<String> pckCertificateChain;

  /**
   * Creates collateral.
   *
   * @param rootCaCrl DER of the root's revocation list
   * @param pckCrl DER of the revocation list of the CA that issued the PCK certificate
   * @param pckCrlIssuerChain PEM of that CA and the root; when absent, the quote's own are used
   * @param tcbInfo TCB info of the platform
   * @param tcbInfoIssuerChain PEM of the certificate that signs it, and the root
   * @param qeIdentity identity of the quoting enclave
   * @param qeIdentityIssuerChain PEM of the certificate that signs it, and the root
   * @param pckCertificateChain PEM of the PCK certificate and its issuers, for quotes that name
   *     their PCK instead of carrying it
   */
  public Collateral(
      byte[] rootCaCrl,
      byte[] pckCrl,
      Optional<String> pckCrlIssuerChain,
      SignedDocument tcbInfo,
      String tcbInfoIssuerChain,
      SignedDocument qeIdentity,
      String qeIdentityIssuerChain,
      Optional<String> pckCertificateChain) {
    this.rootCaCrl = rootCaCrl.clone();
    this.pckCrl = pckCrl.clone();
    this.pckCrlIssuerChain = pckCrlIssuerChain;
    this.tcbInfo = tcbInfo;
    this.tcbInfoIssuerChain = tcbInfoIssuerChain;
    this.qeIdentity = qeIdentity;
    this.qeIdentityIssuerChain = qeIdentityIssuerChain;
    this.pckCertificateChain = pckCertificateChain;
  }

  /** DER of the root's revocation list. */
  public byte[] rootCaCrl() {
    return rootCaCrl.clone();
  }

  /** DER of the revocation list of the CA that issued the PCK certificate. */
  public byte[] pckCrl() {
    return pckCrl.clone();
  }

  /** PEM of the CA that issued the PCK certificate, and the root. */
  public Optional<String> pckCrlIssuerChain() {
    return pckCrlIssuerChain;
  }

  /** TCB info of the platform. */
  public SignedDocument tcbInfo() {
    return tcbInfo;
  }

  /** PEM of the certificate that signs the TCB info, and the root. */
  public String tcbInfoIssuerChain() {
    return tcbInfoIssuerChain;
  }

  /** Identity of the quoting enclave. */
  public SignedDocument qeIdentity() {
    return qeIdentity;
  }

  /** PEM of the certificate that signs the identity, and the root. */
  public String qeIdentityIssuerChain() {
    return qeIdentityIssuerChain;
  }

  /** PEM of the PCK certificate and its issuers, for quotes that do not carry it. */
  public Optional<String> pckCertificateChain() {
    return pckCertificateChain;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof Collateral that
            && Arrays.equals(rootCaCrl, that.rootCaCrl)
            && Arrays.equals(pckCrl, that.pckCrl)
            && pckCrlIssuerChain.equals(that.pckCrlIssuerChain)
            && tcbInfo.equals(that.tcbInfo)
            && tcbInfoIssuerChain.equals(that.tcbInfoIssuerChain)
            && qeIdentity.equals(that.qeIdentity)
            && qeIdentityIssuerChain.equals(that.qeIdentityIssuerChain)
            && pckCertificateChain.equals(that.pckCertificateChain);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(pckCrl) + tcbInfo.hashCode();
  }

  @Override
  public String toString() {
    return "collateral with TCB info " + tcbInfo + " and QE identity " + qeIdentity;
  }
}
