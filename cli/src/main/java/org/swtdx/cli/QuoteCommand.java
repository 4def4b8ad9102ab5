package org.swtdx.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Quotes. */
@Command(
    name = "quote",
    description = "Make quotes.",
    subcommands = {QuoteMakeCommand.class},
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class QuoteCommand implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "name a command, for example: swtdx quote make --out quote.dat");
  }
}
