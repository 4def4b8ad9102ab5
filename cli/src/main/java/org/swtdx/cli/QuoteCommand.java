package org.swtdx.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Quotes of TDs and enclaves. */
@Command(
    name = "quote",
    description = "Show, verify and make quotes of TDs and SGX enclaves.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {QuoteShowCommand.class, QuoteVerifyCommand.class, QuoteMakeCommand.class})
final class QuoteCommand implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "name what to do, for example: swtdx quote verify FILE");
  }
}
