package org.swtdx.attestation.quote;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that lead from a platform's PCK to a root, leaf first.
 *
 * @param certificates three of them: PCK, its CA, the root
 */
public record PckChain(List<X509Certificate> certificates) {
  /** The extension that tells a PCK from any other certificate (PCK Certificate Profile). */
  public static final String SGX_EXTENSION = "1.2.840.113741.1.13.1";

  private static final String TEST_PKI = "TEST PKI";
  private static final int LENGTH = 3;
  private static final int KEY_CERT_SIGN = 5; // index in the KeyUsage bit string

  /** Copies the list. */
  public PckChain {
    certificates = List.copyOf(certificates);
  }

  /**
   * Reads a chain from PEM, which may end with a zero byte.
   *
   * @throws QuoteFormatException when it is no chain of three certificates
   */
  public static PckChain parse(byte[] pem) throws QuoteFormatException {
    int end = pem.length;
    while (end > 0 && pem[end - 1] == 0) {
      end--;
    }
    try {
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem, 0, end))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (certificates.size() != LENGTH) {
        throw new QuoteFormatException(
            "the PCK chain has " + certificates.size() + " certificates, not three");
      }
      return new PckChain(certificates);
    } catch (CertificateException e) {
      throw new QuoteFormatException("the PCK chain holds no readable certificates", e);
    }
  }

  /** The platform's own certificate. */
  public X509Certificate leaf() {
    return certificates.getFirst();
  }

  /** The certificate at the other end. */
  public X509Certificate root() {
    return certificates.getLast();
  }

  /** Whether the chain ends in a root that calls itself a TEST PKI, as this platform's does. */
  public boolean isTestPki() {
    return root().getSubjectX500Principal().getName().contains(TEST_PKI);
  }

  /**
   * Checks the chain at a moment against the only root that is trusted.
   *
   * @return what is wrong with it, or null when nothing is
   */
  @Nullable String defect(X509Certificate trustedRoot, Instant moment) {
    if (!root().equals(trustedRoot)) {
      return "its root is not the trusted one: " + root().getSubjectX500Principal();
    }
    if (leaf().getExtensionValue(SGX_EXTENSION) == null || leaf().getBasicConstraints() >= 0) {
      return "its first certificate is no PCK certificate: " + leaf().getSubjectX500Principal();
    }
    for (int i = 0; i < LENGTH; i++) {
      X509Certificate certificate = certificates.get(i);
      X509Certificate issuer = certificates.get(Math.min(i + 1, LENGTH - 1));
      String defect = defect(certificate, issuer, moment);
      if (defect != null) {
        return defect + ": " + certificate.getSubjectX500Principal();
      }
    }
    return null;
  }

  private static @Nullable String defect(
      X509Certificate certificate, X509Certificate issuer, Instant moment) {
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return "a certificate was not issued by the next one";
    }
    boolean[] usage = issuer.getKeyUsage();
    if (issuer.getBasicConstraints() < 0 || usage == null || !usage[KEY_CERT_SIGN]) {
      return "a certificate was issued by one that is no CA";
    }
    try {
      certificate.verify(issuer.getPublicKey());
      certificate.checkValidity(Date.from(moment));
      return null;
    } catch (CertificateException e) {
      return "a certificate is not valid at " + moment + " (" + e.getMessage() + ")";
    } catch (GeneralSecurityException _) {
      return "the signature of a certificate is wrong";
    }
  }
}
