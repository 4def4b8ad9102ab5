package org.swtdx.attestation.verify;

import java.time.Instant;
import java.util.Optional;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.SgxExtensions;

/**
 * What verification found about a quote's platform.
 *
 * @param moment the time that the quote was judged at
 * @param pckCertificate the platform's certificate
 * @param rootCertificate the root that it leads to
 * @param platform what the certificate says of the platform
 * @param tcb the state of its TCB; nothing when the policy does without collateral
 */
public record Appraisal(
    Instant moment,
    Certificate pckCertificate,
    Certificate rootCertificate,
    SgxExtensions platform,
    Optional<TcbAppraisal> tcb) {
  /** Whether the root is Intel's. Any other proves nothing about Intel's platforms. */
  public boolean isIntel() {
    return rootCertificate.equals(IntelRoot.certificate());
  }
}
