package org.swtdx.attestation.pcs;

import java.io.Serial;

/** A service that gave no answer to use; the message says which, why, and what to do if known. */
final class PcsException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  PcsException(String message) {
    super(message);
  }

  PcsException(String message, Throwable cause) {
    super(message, cause);
  }
}
