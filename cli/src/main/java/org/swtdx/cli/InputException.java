package org.swtdx.cli;

import java.io.Serial;

/** Input that can't be used; the message is one line with the reason and the remedy. */
final class InputException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  InputException(String message) {
    super(message);
  }
}
