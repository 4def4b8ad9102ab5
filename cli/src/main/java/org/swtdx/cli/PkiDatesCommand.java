package org.swtdx.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.swtdx.attestation.quoting.PkiState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Dates collateral. */
@Command(
    name = "dates",
    description = {
      "Choose when collateral is issued and how long it is valid, to see what happens when it"
          + " expires.",
      "Undo it with: swtdx pki dates, or swtdx pki reset"
    },
    mixinStandardHelpOptions = true)
final class PkiDatesCommand extends PkiChange {
  @Option(
      names = "--issued",
      defaultValue = "now",
      paramLabel = "TIME",
      description = "A time such as 2026-01-31T12:00:00Z; now (default): whenever it is asked for.")
  @SuppressWarnings("NullAway.Init")
  private String issued;

  @Option(
      names = "--valid",
      defaultValue = "30d",
      converter = TimeSpan.class,
      paramLabel = "DURATION",
      description = "For example 30d (default), 12h or 90s.")
  @SuppressWarnings("NullAway.Init")
  private Duration valid;

  @Override
  UnaryOperator<PkiState> change() {
    Optional<Instant> moment = issued.equals("now") ? Optional.empty() : Optional.of(parse(issued));
    if (valid.toSeconds() < 1) {
      throw new IllegalArgumentException("--valid must be a second or more");
    }
    return state -> state.dated(moment, valid);
  }

  private static Instant parse(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "--issued: '" + text + "' is no time; write for example 2026-01-31T12:00:00Z", e);
    }
  }
}
