package org.swtdx.cli;

import java.time.Instant;
import java.util.concurrent.Callable;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.PkiStore;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes everything valid and up to date again. */
@Command(
    name = "reset",
    description = "Revoke nothing, lower nothing, date collateral with the clock again.",
    mixinStandardHelpOptions = true)
final class PkiResetCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PkiOption option;

  @Option(
      names = "--new-keys",
      description =
          "Also remove all keys and certificates and make others; quotes of the old ones can no"
              + " longer be verified, and reports made before can no longer be quoted.")
  private boolean newKeys;

  @Override
  public Integer call() throws InputException {
    PkiStore store = option.store();
    try {
      if (newKeys) {
        store.delete();
      }
      store.open(Instant.now());
      PkiState state = newKeys ? store.state() : store.update(PkiState::reset);
      PkiText.print(spec.commandLine().getOut(), state);
      return ExitStatus.OK;
    } catch (PkiException e) {
      throw InstalledPki.failure(e);
    }
  }
}
