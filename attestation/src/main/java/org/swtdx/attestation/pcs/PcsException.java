package org.swtdx.attestation.pcs;

import java.io.Serial;
import org.swtdx.attestation.text.Printable;

/** A service that gave no answer to use; the message says which, why, and what to do if known. */
final class PcsException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  PcsException(String message) {
    super(Printable.clean(message));
  }

  PcsException(String message, Throwable cause) {
    super(Printable.clean(message), cause);
  }
}
