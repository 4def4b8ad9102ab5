package org.swtdx.attestation.collateral;

import java.time.Instant;
import java.util.List;

/**
 * A level of a platform's TCB. A platform is at the first level of the list that it reaches.
 *
 * @param sgxComponents security versions that the PCK certificate has to reach, sixteen
 * @param pceSvn security version that the provisioning enclave has to reach
 * @param tdxComponents security versions that TEE_TCB_SVN has to reach, sixteen; none for SGX
 * @param tcbDate when the level became what it is
 * @param status what Intel says of it
 * @param advisories security advisories that apply, such as {@code INTEL-SA-00615}
 */
public record TcbLevel(
    List<TcbComponent> sgxComponents,
    int pceSvn,
    List<TcbComponent> tdxComponents,
    Instant tcbDate,
    TcbStatus status,
    List<String> advisories) {
  /** Number of components. */
  public static final int COMPONENTS = 16;

  /** Copies the lists. */
  public TcbLevel {
    sgxComponents = List.copyOf(sgxComponents);
    tdxComponents = List.copyOf(tdxComponents);
    advisories = List.copyOf(advisories);
  }
}
