package org.swtdx.attestation.qgs;

import org.jspecify.annotations.Nullable;

/** Message types ({@code qgs_msg_type_t}); a response's number is its request's plus one. */
public enum QgsType {
  /** Asks for a quote. */
  GET_QUOTE_REQUEST(0, 24),
  /** Brings a quote. */
  GET_QUOTE_RESPONSE(1, 24),
  /** Asks for collateral. */
  GET_COLLATERAL_REQUEST(2, 24),
  /** Brings collateral. */
  GET_COLLATERAL_RESPONSE(3, 48),
  /** Asks what the platform is. */
  GET_PLATFORM_INFO_REQUEST(4, 16),
  /** Tells what the platform is. */
  GET_PLATFORM_INFO_RESPONSE(5, 28);

  private final int number;
  private final int fixedSize;

  QgsType(int number, int fixedSize) {
    this.number = number;
    this.fixedSize = fixedSize;
  }

  /** The number in messages. */
  public int number() {
    return number;
  }

  /** Bytes of header and fixed fields, before what has a variable length. */
  int fixedSize() {
    return fixedSize;
  }

  boolean isRequest() {
    return number % 2 == 0;
  }

  /** The type of the response to this request; a response's own. */
  QgsType response() {
    return switch (this) {
      case GET_QUOTE_REQUEST, GET_QUOTE_RESPONSE -> GET_QUOTE_RESPONSE;
      case GET_COLLATERAL_REQUEST, GET_COLLATERAL_RESPONSE -> GET_COLLATERAL_RESPONSE;
      case GET_PLATFORM_INFO_REQUEST, GET_PLATFORM_INFO_RESPONSE -> GET_PLATFORM_INFO_RESPONSE;
    };
  }

  static @Nullable QgsType of(int number) {
    for (QgsType type : values()) {
      if (type.number == number) {
        return type;
      }
    }
    return null;
  }
}
