package org.swtdx.attestation.collateral;

import java.time.Instant;
import java.util.List;

/**
 * A level of something with one security version: a TDX module or a quoting enclave.
 *
 * @param isvSvn security version that has to be reached
 * @param tcbDate when the level became what it is
 * @param status what Intel says of it
 * @param advisories security advisories that apply
 */
public record SvnLevel(int isvSvn, Instant tcbDate, TcbStatus status, List<String> advisories) {
  /** Copies the list. */
  public SvnLevel {
    advisories = List.copyOf(advisories);
  }
}
