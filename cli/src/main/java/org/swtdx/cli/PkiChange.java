package org.swtdx.cli;

import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.PkiStore;
import picocli.CommandLine;

/** What the commands that change collateral have in common. */
abstract class PkiChange implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PkiOption pki;

  /** The change, made of the command's options. */
  abstract UnaryOperator<PkiState> change();

  @Override
  public final Integer call() throws InputException {
    UnaryOperator<PkiState> change;
    try {
      change = change();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    PkiStore store = pki.store();
    try {
      store.open(Instant.now());
      PkiState state = store.update(change);
      PkiText.print(spec.commandLine().getOut(), state);
      return ExitStatus.OK;
    } catch (PkiException e) {
      throw InstalledPki.failure(e);
    } catch (IllegalArgumentException e) {
      throw (InputException) new InputException(String.valueOf(e.getMessage())).initCause(e);
    }
  }
}
