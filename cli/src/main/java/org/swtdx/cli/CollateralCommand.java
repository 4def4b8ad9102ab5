package org.swtdx.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What is published about platforms. */
@Command(
    name = "collateral",
    description =
        "Fetch and show what quotes are judged by: TCB info, QE identity, revocation lists.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {CollateralShowCommand.class, CollateralFetchCommand.class})
final class CollateralCommand implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "name what to do, for example: swtdx collateral show PATH");
  }
}
