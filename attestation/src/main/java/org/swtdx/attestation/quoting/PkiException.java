package org.swtdx.attestation.quoting;

import java.io.Serial;

/** A stored TEST PKI that cannot be used; the message says why and what to do. */
public final class PkiException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  PkiException(String message) {
    super(message);
  }

  PkiException(String message, Throwable cause) {
    super(message, cause);
  }
}
