package org.swtdx.attestation.quote;

import java.io.Serial;

/**
 * Bytes that are no quote, or none of a kind that is understood; the message says where and why.
 */
public final class QuoteFormatException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Creates the exception with a sentence for a person. */
  public QuoteFormatException(String message) {
    super(message);
  }

  /** As {@link #QuoteFormatException(String)}, with what was found out by. */
  public QuoteFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
