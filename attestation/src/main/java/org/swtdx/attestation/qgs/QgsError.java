package org.swtdx.attestation.qgs;

import java.util.Optional;

/** Error codes of the protocol ({@code qgs_msg_error_t} in Intel's qgs_msg_lib.h). */
public enum QgsError {
  /** Something failed that is not the request's fault. */
  UNEXPECTED(1),
  /** Not enough memory. */
  OUT_OF_MEMORY(2),
  /** A parameter is wrong. */
  INVALID_PARAMETER(3),
  /** The protocol version is not known. */
  INVALID_VERSION(4),
  /** The message type is not known or not a request. */
  INVALID_TYPE(5),
  /** Sizes contradict each other. */
  INVALID_SIZE(6),
  /** A request that carries an error code. */
  INVALID_CODE(7);

  private static final int BASE = 0x12000;

  private final int number;

  QgsError(int number) {
    this.number = number;
  }

  /** The code in messages. */
  public int code() {
    return BASE | number;
  }

  /** Returns the error with a code, if there is one. */
  public static Optional<QgsError> of(int code) {
    for (QgsError error : values()) {
      if (error.code() == code) {
        return Optional.of(error);
      }
    }
    return Optional.empty();
  }
}
