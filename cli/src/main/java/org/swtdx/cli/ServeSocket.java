package org.swtdx.cli;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Where {@code swtdx serve} listens. */
final class ServeSocket {
  private static final String FOLDER = "XDG_RUNTIME_DIR";

  private ServeSocket() {}

  /** The socket of a name; the user's own when the name is empty. */
  static Path named(CommandSpec spec, String name) {
    if (!name.isEmpty()) {
      return Path.of(name);
    }
    String folder = System.getenv(FOLDER);
    if (folder == null || folder.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), FOLDER + " is not set here: name the socket of swtdx serve");
    }
    return Path.of(folder, "swtdx.socket");
  }
}
