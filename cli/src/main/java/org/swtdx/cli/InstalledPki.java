package org.swtdx.cli;

import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.PkiStore;
import org.swtdx.attestation.quoting.TestPki;

/**
 * The TEST PKI of this installation; where none can be kept, because nothing can be written at the
 * default place, one that lives as long as the process.
 */
final class InstalledPki {
  private final PkiStore store;
  private final @Nullable TestPki passing;

  private InstalledPki(PkiStore store, @Nullable TestPki passing) {
    this.store = store;
    this.passing = passing;
  }

  /** Opens the PKI, creating it at first use. */
  static InstalledPki open(PkiOption option, PrintWriter talk) throws InputException {
    PkiStore store = option.store();
    boolean before = store.exists();
    try {
      store.reportKey(Instant.now());
      if (!before) {
        talk.println("swtdx: created a TEST PKI in " + store.directory());
        talk.flush();
      }
      return new InstalledPki(store, null);
    } catch (PkiException e) {
      if (before || option.isExplicit()) {
        throw failure(e);
      }
      talk.println("swtdx: " + e.getMessage() + "; using keys for this run only");
      talk.flush();
      return new InstalledPki(store, TestPki.create(new SecureRandom(), Instant.now()));
    }
  }

  /** That the PKI cannot be used, as the command reports it. */
  static InputException failure(PkiException e) {
    return (InputException) new InputException(String.valueOf(e.getMessage())).initCause(e);
  }

  /** The secret behind report MACs, for the processor. */
  byte[] reportKey() throws InputException {
    try {
      return passing != null ? passing.reportKey() : store.reportKey(Instant.now());
    } catch (PkiException e) {
      throw failure(e);
    }
  }

  /** Keys and certificates; reading them takes a moment. */
  TestPki pki() throws PkiException {
    return passing != null ? passing : store.open(Instant.now());
  }

  /** What collateral says at present. */
  PkiState state() throws PkiException {
    return passing != null ? PkiState.INITIAL : store.state();
  }
}
