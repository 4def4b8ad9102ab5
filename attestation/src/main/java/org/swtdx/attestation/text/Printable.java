package org.swtdx.attestation.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Makes text of what a guest, a certificate or a document says, without anything that a terminal
 * would obey or that would begin a line of its own.
 */
public final class Printable {
  private Printable() {}

  /** The text with control and formatting characters and lone surrogates escaped. */
  public static String clean(String text) {
    StringBuilder result = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\n') {
                result.append("\\n");
              } else if (c == '\t') {
                result.append("\\t");
              } else if (unprintable(c)) {
                result.append(c > 0xff ? "\\u%04x".formatted(c) : "\\x%02x".formatted(c));
              } else {
                result.appendCodePoint(c);
              }
            });
    return result.toString();
  }

  /** Whether nothing in the text needs escaping. */
  public static boolean isClean(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        return text.codePoints().skip(i).noneMatch(Printable::unprintable);
      }
    }
    return true;
  }

  private static boolean unprintable(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.UNASSIGNED
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  /** The text that bytes hold in UTF-8 up to a final NUL; empty if they hold something else. */
  public static Optional<String> utf8(byte[] data) {
    int end = data.length;
    while (end > 0 && data[end - 1] == 0) {
      end--;
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data, 0, end)).toString();
      boolean binary =
          text.codePoints().anyMatch(c -> c < 0x20 && c != '\n' && c != '\t' && c != '\r');
      return binary || text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** The text that bytes hold in UTF-16 up to a final NUL; empty if they hold something else. */
  public static Optional<String> utf16(byte[] data) {
    if (data.length < 2 || data.length % 2 != 0) {
      return Optional.empty();
    }
    String text = new String(data, StandardCharsets.UTF_16LE);
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == 0) {
      end--;
    }
    text = text.substring(0, end);
    boolean ascii = text.chars().allMatch(c -> c >= 0x20 && c < 0x7f || c == '\n' || c == '\t');
    return text.isEmpty() || !ascii ? Optional.empty() : Optional.of(text);
  }
}
