package org.swtdx.attestation.quoting;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the collateral of a TEST PKI says at present.
 *
 * @param revoked certificates in the revocation lists
 * @param lowered parts that are not up to date; a part that is missing is
 * @param serial grows with each change: the CRL number and the TCB evaluation data number
 * @param issued when collateral pretends to be issued; empty for the moment it is asked for
 * @param validity how long collateral is valid
 */
public record PkiState(
    Set<PkiRole> revoked,
    Map<TcbPart, TcbLowering> lowered,
    int serial,
    Optional<Instant> issued,
    Duration validity) {
  /** Intel's collateral is valid for thirty days. */
  public static final Duration DEFAULT_VALIDITY = Duration.ofDays(30);

  /** Nothing revoked, everything up to date. */
  public static final PkiState INITIAL =
      new PkiState(Set.of(), Map.of(), 1, Optional.empty(), DEFAULT_VALIDITY);

  /** Copies the collections. */
  public PkiState {
    revoked = Set.copyOf(revoked);
    lowered = Map.copyOf(lowered);
    if (revoked.contains(PkiRole.ROOT_CA)) {
      throw new IllegalArgumentException(
          "a root cannot revoke itself; relying parties stop trusting it instead");
    }
    if (!validity.isPositive()) {
      throw new IllegalArgumentException("collateral must be valid for some time");
    }
  }

  /** Returns the state with a certificate revoked. */
  public PkiState revoke(PkiRole role) {
    Set<PkiRole> all = EnumSet.of(role);
    all.addAll(revoked);
    return new PkiState(all, lowered, serial + 1, issued, validity);
  }

  /** Returns the state with a part lowered. */
  public PkiState lower(TcbPart part, TcbLowering lowering) {
    Map<TcbPart, TcbLowering> all = new EnumMap<>(TcbPart.class);
    all.putAll(lowered);
    all.put(part, lowering);
    return new PkiState(revoked, all, serial + 1, issued, validity);
  }

  /** Returns the state with other dates on the collateral. */
  public PkiState dated(Optional<Instant> newIssued, Duration newValidity) {
    return new PkiState(revoked, lowered, serial + 1, newIssued, newValidity);
  }

  /** Returns the state with nothing revoked or lowered, and dates that follow the clock. */
  public PkiState reset() {
    return new PkiState(Set.of(), Map.of(), serial + 1, Optional.empty(), DEFAULT_VALIDITY);
  }
}
