package org.swtdx.attestation.quoting;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.node.ObjectNode;

/** The dates that every piece of collateral carries, to the second. */
final class CollateralDates {
  /** Whose clock is a little behind must not take collateral for one of the future. */
  private static final Duration BACKDATED = Duration.ofMinutes(10);

  private CollateralDates() {}

  /** When collateral is issued that is asked for at {@code now}. */
  static Instant issued(PkiState state, Instant now) {
    return state.issued().orElse(now.minus(BACKDATED)).truncatedTo(ChronoUnit.SECONDS);
  }

  static void put(ObjectNode document, Instant issued, PkiState state) {
    document.put("issueDate", issued.toString());
    document.put(
        "nextUpdate", issued.plus(state.validity()).truncatedTo(ChronoUnit.SECONDS).toString());
  }
}
