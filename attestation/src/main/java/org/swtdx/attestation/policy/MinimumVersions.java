package org.swtdx.attestation.policy;

import java.util.List;
import java.util.Optional;

/**
 * The least security versions that are accepted; nothing where any will do.
 *
 * @param teeTcbSvn each of the sixteen bytes of TEE_TCB_SVN
 * @param cpuSvn each of the sixteen SGX TCB components of the PCK certificate
 * @param pceSvn the provisioning certification enclave's
 * @param qeIsvSvn the quoting enclave's
 * @param isvSvn an SGX enclave's own
 */
public record MinimumVersions(
    Optional<List<Integer>> teeTcbSvn,
    Optional<List<Integer>> cpuSvn,
    Optional<Integer> pceSvn,
    Optional<Integer> qeIsvSvn,
    Optional<Integer> isvSvn) {
  /** Any versions. */
  public static final MinimumVersions NONE =
      new MinimumVersions(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
