package org.swtdx.attestation.verify;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.attestation.crypto.EcdsaP256;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.PemCertificates;

/**
 * Certificate chains under one trusted root. What was read and found to be signed is remembered, so
 * that the certificates that all platforms share are checked once.
 */
final class Chains {
  private static final int LONGEST = 3;
  private static final int REMEMBERED = 4096;

  private final Certificate root;
  private final EcdsaP256 ecdsa;
  private final BoundedCache<Octets, Certificate> parsed = new BoundedCache<>(REMEMBERED);
  private final BoundedCache<Issue, Boolean> issued = new BoundedCache<>(REMEMBERED);

  /** That one certificate's key signed the other. */
  private record Issue(Certificate certificate, Certificate issuer) {}

  Chains(Certificate root, EcdsaP256 ecdsa) {
    this.root = root;
    this.ecdsa = ecdsa;
  }

  Certificate root() {
    return root;
  }

  EcdsaP256 ecdsa() {
    return ecdsa;
  }

  /** Reads a chain, leaf first. */
  List<Certificate> parse(byte[] pem) throws CertificateFormatException {
    List<Certificate> chain = new ArrayList<>(LONGEST);
    for (byte[] der : PemCertificates.blocks(pem, LONGEST)) {
      Octets key = new Octets(der);
      Certificate certificate = parsed.get(key).orElse(null);
      if (certificate == null) {
        certificate = Certificate.parse(der);
        parsed.put(key, certificate);
      }
      chain.add(certificate);
    }
    return chain;
  }

  /**
   * Checks that each certificate is signed by the next, and the last is the root itself. Every one
   * but the first must be a CA that may be where it is.
   *
   * @param what what the chain is for, to name it in a refusal
   */
  void check(List<Certificate> chain, Reason reason, String what) throws RefusedException {
    if (chain.isEmpty() || !chain.getLast().equals(root)) {
      throw new RefusedException(
          reason,
          "root of the " + what,
          chain.isEmpty() ? "absent" : "'" + chain.getLast() + "'",
          "the trusted root '" + root + "'");
    }
    for (int i = 0; i + 1 < chain.size(); i++) {
      checkIssue(chain.get(i), chain.get(i + 1), i, reason, what);
    }
  }

  private void checkIssue(
      Certificate certificate, Certificate issuer, int below, Reason reason, String what)
      throws RefusedException {
    String field = "certificate '" + certificate.subject().shortName() + "' of the " + what;
    if (!certificate.issuer().equals(issuer.subject())) {
      throw new RefusedException(
          reason, field, "issued by '" + certificate.issuer() + "'", "issued by '" + issuer + "'");
    }
    if (!issuer.maySignCertificates() || issuer.pathLength() < below) {
      throw new RefusedException(
          reason,
          "issuer '" + issuer.subject().shortName() + "' in the " + what,
          "not allowed to sign certificates there",
          "a CA with keyCertSign and a path length of at least " + below);
    }
    Issue issue = new Issue(certificate, issuer);
    if (issued.get(issue).isEmpty()) {
      if (!certificate.isSignedBy(issuer, ecdsa)) {
        throw new RefusedException(
            reason, "signature of " + field, "wrong", "made by '" + issuer + "'");
      }
      issued.put(issue, true);
    }
  }
}
