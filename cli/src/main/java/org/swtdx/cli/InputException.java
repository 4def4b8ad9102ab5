package org.swtdx.cli;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.swtdx.attestation.text.Printable;

/** Input that can't be used; the message is one line with the reason and the remedy. */
final class InputException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  InputException(String message) {
    super(Printable.clean(message)); // names of files may hold anything
  }

  /** That {@code path} cannot be written, with the reason. */
  static InputException cannotWrite(Path path, IOException why) {
    String reason =
        switch (why) {
          case NoSuchFileException _ -> "its folder does not exist";
          case AccessDeniedException _ -> "permission denied";
          default -> String.valueOf(why.getMessage());
        };
    InputException failure = new InputException("cannot write " + path + ": " + reason);
    failure.initCause(why);
    return failure;
  }
}
