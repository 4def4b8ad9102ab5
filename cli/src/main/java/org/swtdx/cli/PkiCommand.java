package org.swtdx.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The TEST PKI of this installation: what it is, and how it ages. */
@Command(
    name = "pki",
    description = {
      "Show and change the TEST PKI that certifies this installation's quotes.",
      "Revoking its PCK or lowering its TCB shows what a relying party does then: the change is in"
          + " the collateral from there on."
    },
    subcommands = {
      PkiShowCommand.class,
      PkiRootCommand.class,
      PkiRevokeCommand.class,
      PkiLowerCommand.class,
      PkiDatesCommand.class,
      PkiResetCommand.class
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class PkiCommand implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "name a command, for example: swtdx pki show");
  }
}
