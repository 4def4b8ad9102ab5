package org.swtdx.attestation.verify;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.collateral.TcbStatus;

/**
 * The state of a platform's TCB.
 *
 * @param status of all parts together, converged as Intel's quote verification library does it
 * @param platformStatus of the processor's and platform's parts
 * @param tdxModuleStatus of the TDX module; nothing when it has no identity of its own
 * @param qeStatus of the quoting enclave
 * @param advisories security advisories that apply to any part, sorted
 * @param tcbDate the earliest date of the parts
 * @param tcbEvaluationDataNumber the lower one of TCB info's and QE identity's
 * @param earliestExpiration when the first part of the collateral expires
 */
public record TcbAppraisal(
    TcbStatus status,
    TcbStatus platformStatus,
    Optional<TcbStatus> tdxModuleStatus,
    TcbStatus qeStatus,
    List<String> advisories,
    Instant tcbDate,
    int tcbEvaluationDataNumber,
    Instant earliestExpiration) {
  /** Copies the list. */
  public TcbAppraisal {
    advisories = List.copyOf(advisories);
  }
}
