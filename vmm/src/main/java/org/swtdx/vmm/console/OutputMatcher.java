package org.swtdx.vmm.console;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Searches a stream of console output for a pattern. Matches may span pieces of output; terminal
 * control sequences are taken out first. Memory is bounded: a match may be up to 1 KiB long
 * anywhere, and up to 16 KiB where it ends at the end of a line.
 */
public final class OutputMatcher {
  private static final int WINDOW = 16 * 1024;
  private static final int NEAR = 1024;

  private enum Escape {
    TEXT,
    ESCAPE,
    CONTROL
  }

  private final Pattern pattern;
  private final StringBuilder window = new StringBuilder();
  private Escape state = Escape.TEXT;

  /**
   * Creates a matcher.
   *
   * @param pattern what to look for
   */
  public OutputMatcher(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Takes more output, as ISO-8859-1.
   *
   * @param bytes holds it
   * @param offset index of the first byte
   * @param length how many
   * @return the matching text, once there is one
   */
  public Optional<String> feed(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      char c = (char) (bytes[i] & 0xff);
      if (isText(c)) {
        Optional<String> match = append(c);
        if (match.isPresent()) {
          return match;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> append(char c) {
    if (window.length() >= 2 * WINDOW) {
      window.delete(0, window.length() - WINDOW);
    }
    window.append(c);
    int from = c == '\n' ? 0 : Math.max(0, window.length() - NEAR);
    Matcher matcher = pattern.matcher(window).region(from, window.length());
    matcher.useTransparentBounds(true).useAnchoringBounds(from == 0);
    return matcher.find() ? Optional.of(matcher.group()) : Optional.empty();
  }

  /** Follows ESC [ ... letter and ESC x sequences (ECMA-48). */
  private boolean isText(char c) {
    switch (state) {
      case TEXT -> {
        if (c == 0x1b) {
          state = Escape.ESCAPE;
          return false;
        }
        return c != 0;
      }
      case ESCAPE -> state = c == '[' ? Escape.CONTROL : Escape.TEXT;
      case CONTROL -> {
        if (c >= 0x40 && c <= 0x7e) {
          state = Escape.TEXT;
        }
      }
    }
    return false;
  }
}
