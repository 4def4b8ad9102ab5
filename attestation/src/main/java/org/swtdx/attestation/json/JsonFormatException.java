package org.swtdx.attestation.json;

import java.io.Serial;

/** JSON that is not what it has to be; the message says where and why. */
public final class JsonFormatException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Creates the exception with a sentence for a person. */
  public JsonFormatException(String message) {
    super(message);
  }

  JsonFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
