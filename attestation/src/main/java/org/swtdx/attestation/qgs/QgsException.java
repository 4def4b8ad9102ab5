package org.swtdx.attestation.qgs;

import java.io.Serial;

/** A request that cannot be served, or a message that is none. */
public final class QgsException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final QgsError error;

  /** Creates the exception with the code for the peer and a sentence for the log. */
  public QgsException(QgsError error, String message) {
    super(message);
    this.error = error;
  }

  /** As {@link #QgsException(QgsError, String)}, with what was found out by. */
  public QgsException(QgsError error, String message, Throwable cause) {
    super(message, cause);
    this.error = error;
  }

  /** The code for the peer. */
  public QgsError error() {
    return error;
  }
}
