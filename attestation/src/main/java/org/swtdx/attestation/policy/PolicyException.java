package org.swtdx.attestation.policy;

import java.io.Serial;
import org.swtdx.attestation.text.Printable;

/** A policy file that cannot be used; the message says where and why. */
public final class PolicyException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Creates the exception with a sentence for a person. */
  public PolicyException(String message) {
    super(Printable.clean(message));
  }

  /** As {@link #PolicyException(String)}, with what was found out by. */
  public PolicyException(String message, Throwable cause) {
    super(Printable.clean(message), cause);
  }
}
