package org.swtdx.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Event logs of measured boot. */
@Command(
    name = "eventlog",
    description = {
      "Show, replay and compare event logs of measured boot (CCEL).",
      "FILE is a log as in /sys/firmware/acpi/tables/data/CCEL, or JSON: of 'eventlog show --json',"
          + " a dstack event list or quote report, a trustee document, or the summary of 'run"
          + " --json'. - is standard input."
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "show|replay|compare",
    subcommands = {
      EventLogShowCommand.class,
      EventLogReplayCommand.class,
      EventLogCompareCommand.class
    })
final class EventLogCommand implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "name one of show, replay and compare");
  }
}
