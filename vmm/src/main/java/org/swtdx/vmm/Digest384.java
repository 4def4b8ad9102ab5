package org.swtdx.vmm;

import java.util.HexFormat;
import java.util.Locale;

/**
 * A 48-byte value such as MRCONFIGID, as 96 hexadecimal digits.
 *
 * @param hex the digits, lower case
 */
public record Digest384(String hex) {
  /** All zeros. */
  public static final Digest384 ZERO = new Digest384("0".repeat(96));

  /** Checks the digits. */
  public Digest384 {
    if (!hex.matches("[0-9a-fA-F]{96}")) {
      throw new IllegalArgumentException(
          "expected 96 hexadecimal digits (48 bytes), got " + hex.length() + " characters");
    }
    hex = hex.toLowerCase(Locale.ROOT);
  }

  /** The value as 48 bytes. */
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }
}
