package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.swtdx.attestation.eventlog.DigestCheck;
import org.swtdx.attestation.eventlog.EventDecoder;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventLogJson;
import org.swtdx.attestation.eventlog.LogEvent;
import org.swtdx.attestation.eventlog.LogFinding;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Lists the events of a log. */
@Command(
    name = "show",
    description = "List the events of a log with what they mean.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the log is sound",
      "1:events contradict their digests or name no register",
      "2:wrong usage, or the log can't be read"
    })
final class EventLogShowCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The log; - is standard input.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Option(names = "--digests", description = "Also print each event's SHA-384 digest.")
  private boolean digests;

  @Override
  public Integer call() throws InputException {
    EventLog log = EventLogInput.read(file);
    List<LogFinding> findings = LogFinding.of(log);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode root = JsonDocument.start("swtdx.eventlog", 1);
      EventLogJson.put(root, log);
      out.print(JsonDocument.text(root));
    } else {
      text(out, log, findings);
    }
    out.flush();
    return LogFinding.anyError(findings) ? ExitStatus.FAILED : ExitStatus.OK;
  }

  private void text(PrintWriter out, EventLog log, List<LogFinding> findings) {
    for (LogEvent event : log.events()) {
      out.println(line(event));
      if (digests) {
        out.println("         " + event.sha384().map(d -> d.hex()).orElse("no SHA-384 digest"));
      }
    }
    out.printf(
        "%d events, %,d of %,d bytes%n", log.events().size(), log.bytesUsed(), log.bytesTotal());
    print(out, findings);
  }

  /** One event on one line; the mark says what its digest is. */
  static String line(LogEvent event) {
    String mark =
        switch (DigestCheck.of(event).verdict()) {
          case MATCHES -> "=";
          case DIFFERS -> "!";
          case NOT_IN_LOG -> " ";
          case NO_DIGEST -> "?";
        };
    return "%4d %-6s %s %-30s %s"
        .formatted(
            event.number(),
            event.registerLabel(),
            mark,
            event.type().label().replaceFirst("^EV_", ""),
            EventDecoder.decode(event).summary())
        .stripTrailing();
  }

  /** Prints findings, one line each. */
  static void print(PrintWriter out, List<LogFinding> findings) {
    for (LogFinding finding : findings) {
      out.printf(
          "%s: %s%s%n",
          finding.severity() == LogFinding.Severity.ERROR ? "wrong" : "note",
          finding.event() < 0 ? "" : "event " + finding.event() + ": ",
          finding.text());
    }
  }
}
