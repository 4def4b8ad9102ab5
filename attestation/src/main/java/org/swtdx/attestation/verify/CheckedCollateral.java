package org.swtdx.attestation.verify;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.RevocationList;

/**
 * Collateral whose signatures hold up to the root; times are still to be judged.
 *
 * @param rootList certificates that the root revoked
 * @param pckList PCK certificates that their CA revoked
 * @param pckListIssuer the CA that signed that list; nothing when the collateral does not have it
 * @param tcbInfo the platform's TCB levels
 * @param qeIdentity the quoting enclave's
 * @param validities when all of these may be used
 */
record CheckedCollateral(
    RevocationList rootList,
    RevocationList pckList,
    Optional<Certificate> pckListIssuer,
    TcbInfo tcbInfo,
    QeIdentity qeIdentity,
    List<Validity> validities) {
  void checkTimes(Instant moment, Duration grace) throws RefusedException {
    for (Validity validity : validities) {
      validity.check(moment, grace);
    }
  }

  Instant earliestExpiration() {
    return validities.stream().map(Validity::to).min(Comparator.naturalOrder()).orElseThrow();
  }
}
