package org.swtdx.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that the user names for results. */
final class OutputFile {
  private OutputFile() {}

  /** Writes a whole file; {@code -} is standard output. */
  static void write(Path path, byte[] content) throws InputException {
    try {
      if (path.toString().equals("-")) {
        System.out.write(content);
        System.out.flush();
      } else {
        Files.write(path, content);
      }
    } catch (IOException e) {
      throw InputException.cannotWrite(path, e);
    }
  }
}
