package org.swtdx.cli;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.LogComparison;
import org.swtdx.attestation.eventlog.LogFinding;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.eventlog.RegisterComparison;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares a log with a quote, with registers, or with another log. */
@Command(
    name = "compare",
    description = {
      "Say whether a log explains RTMR values, or agrees with another log.",
      "With --log the first diverging event of each register is shown and what it usually comes"
          + " from. A quote's signature is not checked here; 'quote verify' does."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:they agree",
      "1:they differ, or the log is not sound",
      "2:wrong usage, or an input can't be read"
    })
final class EventLogCompareCommand implements Callable<Integer> {
  private static final int RTMR_DIGITS = 96;

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The log; - is standard input.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @ArgGroup(multiplicity = "1")
  @SuppressWarnings("NullAway.Init")
  private Against against;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** What the log is compared with. */
  static final class Against {
    @Option(
        names = "--quote",
        paramLabel = "QUOTE",
        description = "A TDX quote: raw, in hexadecimal, or in a JSON report.")
    private @Nullable Path quote;

    @Option(
        names = "--rtmr",
        paramLabel = "N=HEX",
        description = "The value of RTMR N, 96 hex digits; may be repeated.")
    private @Nullable Map<Integer, String> rtmr;

    @Option(names = "--log", paramLabel = "OTHER", description = "A reference log.")
    private @Nullable Path log;
  }

  @Override
  public Integer call() throws InputException {
    EventLog log = EventLogInput.read(file);
    List<LogFinding> findings = LogFinding.of(log);
    ComparisonOutput output = new ComparisonOutput(spec.commandLine().getOut(), json, findings);
    boolean agrees;
    if (against.log != null) {
      LogComparison comparison = LogComparison.of(log, EventLogInput.read(against.log));
      output.print(comparison);
      agrees = comparison.agrees();
    } else {
      RegisterComparison comparison = RegisterComparison.of(log, expected());
      output.print(comparison);
      agrees = comparison.agrees();
    }
    return agrees && !LogFinding.anyError(findings) ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private Map<MeasurementRegister, String> expected() throws InputException {
    Map<MeasurementRegister, String> expected = new EnumMap<>(MeasurementRegister.class);
    if (against.quote != null) {
      return RegisterInput.ofQuote(against.quote);
    }
    if (against.rtmr != null) {
      against.rtmr.forEach(
          (index, hex) -> {
            String digits = hex.toLowerCase(Locale.ROOT);
            if (index < 0 || index > 3) {
              throw wrong("RTMR" + index + ": there are RTMR0 to RTMR3");
            }
            if (digits.length() != RTMR_DIGITS || !digits.matches("[0-9a-f]*")) {
              throw wrong("--rtmr " + index + ": an RTMR has 96 hexadecimal digits");
            }
            expected.put(MeasurementRegister.rtmr(index), digits);
          });
    }
    return expected;
  }

  private CommandLine.ParameterException wrong(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
