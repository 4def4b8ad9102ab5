package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventLogJson;
import org.swtdx.attestation.eventlog.LogFinding;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.eventlog.Replay;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Computes RTMRs from a log. */
@Command(
    name = "replay",
    description = "Print what RTMR0 to RTMR3 are after the events of a log.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the log is sound",
      "1:events contradict their digests or name no register",
      "2:wrong usage, or the log can't be read"
    })
final class EventLogReplayCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The log; - is standard input.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Option(names = "--steps", description = "Also print each register's value after each event.")
  private boolean steps;

  @Override
  public Integer call() throws InputException {
    EventLog log = EventLogInput.read(file);
    List<LogFinding> findings = LogFinding.of(log);
    Replay replay = Replay.of(log);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(JsonDocument.text(document(replay, findings)));
    } else {
      if (steps) {
        replay
            .steps()
            .forEach(
                s -> {
                  out.println(EventLogShowCommand.line(s.event()));
                  out.println("         " + s.after());
                });
      }
      for (int i = 0; i < 4; i++) {
        MeasurementRegister register = MeasurementRegister.rtmr(i);
        out.printf(
            "%s %s  %d events%n", register, replay.value(register), replay.steps(register).size());
      }
      EventLogShowCommand.print(out, findings);
    }
    out.flush();
    return LogFinding.anyError(findings) ? ExitStatus.FAILED : ExitStatus.OK;
  }

  private ObjectNode document(Replay replay, List<LogFinding> findings) {
    ObjectNode root = JsonDocument.start("swtdx.eventlog.replay", 1);
    ObjectNode values = root.putObject("rtmr");
    for (int i = 0; i < 4; i++) {
      values.put("RTMR" + i, replay.value(MeasurementRegister.rtmr(i)));
    }
    if (steps) {
      ArrayNode list = root.putArray("steps");
      replay
          .steps()
          .forEach(
              s ->
                  list.addObject()
                      .put("event", s.event().number())
                      .put("register", s.register().name())
                      .put("after", s.after()));
    }
    EventLogJson.putFindings(root, findings);
    return root;
  }
}
