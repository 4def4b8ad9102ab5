package org.swtdx.attestation.json;

import java.io.Serial;
import org.swtdx.attestation.text.Printable;

/** JSON that is not what it has to be; the message says where and why. */
public final class JsonFormatException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Creates the exception with a sentence for a person. */
  public JsonFormatException(String message) {
    super(Printable.clean(message));
  }

  JsonFormatException(String message, Throwable cause) {
    super(Printable.clean(message), cause);
  }
}
