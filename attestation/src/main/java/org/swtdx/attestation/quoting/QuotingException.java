package org.swtdx.attestation.quoting;

import java.io.Serial;

/** A report that the quoting enclave does not sign; the message says why. */
public final class QuotingException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Creates the exception with a sentence for a person. */
  public QuotingException(String message) {
    super(message);
  }
}
