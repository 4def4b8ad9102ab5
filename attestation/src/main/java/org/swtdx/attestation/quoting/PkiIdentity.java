package org.swtdx.attestation.quoting;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/**
 * A certificate of the TEST PKI with its private key.
 *
 * @param certificate the certificate
 * @param key its key
 */
record PkiIdentity(X509Certificate certificate, PrivateKey key) {
  @Override
  public String toString() {
    return "PkiIdentity[" + certificate.getSubjectX500Principal() + "]"; // never the key
  }
}
