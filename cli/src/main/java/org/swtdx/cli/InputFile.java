package org.swtdx.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that the user names as input. */
final class InputFile {
  private InputFile() {}

  /**
   * Reads a whole file.
   *
   * @param what what the file is to be, for the message
   * @param limit largest size in bytes that makes sense
   */
  static byte[] read(Path path, String what, long limit) throws InputException {
    try {
      if (Files.isDirectory(path)) {
        throw new InputException(path + " is a folder; name the " + what + " itself");
      }
      long size = Files.size(path);
      if (size > limit) {
        throw new InputException(
            path + " has " + size + " bytes; a " + what + " has at most " + limit);
      }
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw (InputException)
          new InputException(path + " does not exist; name a readable " + what).initCause(e);
    } catch (AccessDeniedException e) {
      throw (InputException)
          new InputException(path + " may not be read; check its permissions").initCause(e);
    } catch (IOException e) {
      throw (InputException)
          new InputException("cannot read " + path + ": " + e.getMessage()).initCause(e);
    }
  }
}
