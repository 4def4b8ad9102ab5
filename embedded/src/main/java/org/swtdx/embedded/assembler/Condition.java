package org.swtdx.embedded.assembler;

/** Conditions of jumps, by their encoding. */
public enum Condition {
  /** Unsigned less. */
  BELOW(2),
  /** Unsigned greater or equal. */
  ABOVE_OR_EQUAL(3),
  /** Equal, or zero. */
  EQUAL(4),
  /** Not equal, or not zero. */
  NOT_EQUAL(5),
  /** Unsigned greater. */
  ABOVE(7);

  private final int code;

  Condition(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
