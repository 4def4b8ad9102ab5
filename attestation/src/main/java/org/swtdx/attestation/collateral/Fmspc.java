package org.swtdx.attestation.collateral;

import java.util.HexFormat;

/**
 * Family, model, stepping, platform type and custom SKU: the kind of platform that TCB info is
 * about.
 *
 * @param hex twelve lower-case hexadecimal digits
 */
public record Fmspc(String hex) {
  /** Bytes of the number. */
  public static final int SIZE = 6;

  /** Checks the number of digits. */
  public Fmspc {
    if (hex.length() != 2 * SIZE || !hex.chars().allMatch(Fmspc::isLowerHexDigit)) {
      throw new IllegalArgumentException("no FMSPC: '" + hex + "'");
    }
  }

  private static boolean isLowerHexDigit(int c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
  }

  /** Returns the FMSPC of six bytes. */
  public static Fmspc of(byte[] bytes) {
    return new Fmspc(HexFormat.of().formatHex(bytes));
  }

  @Override
  public String toString() {
    return hex;
  }
}
