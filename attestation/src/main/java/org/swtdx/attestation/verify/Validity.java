package org.swtdx.attestation.verify;

import java.time.Duration;
import java.time.Instant;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.RevocationList;

/**
 * When something may be used.
 *
 * @param what what it is, for messages
 * @param reason what a refusal is called
 * @param from first moment
 * @param to last moment
 */
record Validity(String what, Reason reason, Instant from, Instant to) {
  static Validity of(Certificate certificate) {
    return new Validity(
        "validity of the certificate of " + certificate.subject().shortName(),
        Reason.CERTIFICATE_VALIDITY,
        certificate.notBefore(),
        certificate.notAfter());
  }

  static Validity of(RevocationList list) {
    return new Validity(
        "validity of the revocation list of " + list.issuer().shortName(),
        Reason.COLLATERAL_VALIDITY,
        list.thisUpdate(),
        list.nextUpdate());
  }

  /** Refuses a moment outside; collateral may be older by {@code grace}. */
  void check(Instant moment, Duration grace) throws RefusedException {
    Instant last = reason == Reason.COLLATERAL_VALIDITY ? to.plus(grace) : to;
    if (moment.isBefore(from) || moment.isAfter(last)) {
      throw new RefusedException(
          reason, what, from + " to " + to, "a time that includes " + moment);
    }
  }
}
