package org.swtdx.attestation.collateral;

import java.io.Serial;
import org.swtdx.attestation.text.Printable;

/** Collateral that is missing or unreadable; the message says which and why. */
public final class CollateralException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Creates the exception with a sentence for a person. */
  public CollateralException(String message) {
    super(Printable.clean(message));
  }

  /** As {@link #CollateralException(String)}, with what was found out by. */
  public CollateralException(String message, Throwable cause) {
    super(Printable.clean(message), cause);
  }
}
