package org.swtdx.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.quoting.PkiStore;
import picocli.CommandLine.Option;

/** Where this installation keeps its TEST PKI. */
final class PkiOption {
  /** The environment variable that names the directory. */
  static final String VARIABLE = "SWTDX_PKI";

  /** The system property that does the same for tests. */
  static final String PROPERTY = "swtdx.pki";

  @Option(
      names = "--pki",
      paramLabel = "DIR",
      description =
          "Directory of the TEST PKI that signs quotes; default: $"
              + VARIABLE
              + ", else $XDG_DATA_HOME/swtdx/pki, else ~/.local/share/swtdx/pki.")
  private @Nullable Path directory;

  /** Whether the user named the directory, so that no other will do. */
  boolean isExplicit() {
    return directory != null || named(System.getenv()) != null;
  }

  /** The store; nothing is read yet. */
  PkiStore store() throws InputException {
    try {
      return new PkiStore(directory != null ? directory : byDefault(System.getenv()));
    } catch (InvalidPathException e) {
      throw (InputException)
          new InputException("no directory for the TEST PKI: " + e.getMessage()).initCause(e);
    }
  }

  private static @Nullable String named(Map<String, String> environment) {
    String variable = environment.get(VARIABLE);
    return variable != null && !variable.isEmpty() ? variable : System.getProperty(PROPERTY);
  }

  static Path byDefault(Map<String, String> environment) {
    String named = named(environment);
    if (named != null) {
      return Path.of(named);
    }
    String data = environment.get("XDG_DATA_HOME");
    return data != null && Path.of(data).isAbsolute() // the XDG specification: others are ignored
        ? Path.of(data, "swtdx", "pki")
        : Path.of(System.getProperty("user.home"), ".local", "share", "swtdx", "pki");
  }
}
