package org.swtdx.attestation.predict;

import java.io.Serial;

/** A boot that can't be predicted; the message is one line with the remedy. */
public final class PredictionException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param reason what was found, one line without a full stop
   * @param remedy what to do, one line without a full stop
   */
  public PredictionException(String reason, String remedy) {
    super(reason + "; " + remedy);
  }
}
