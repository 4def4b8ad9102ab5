package org.swtdx.exec;

import java.util.LinkedHashSet;

/** What the supervisor has to tell its user: one line each, on standard error, not twice. */
final class Messages {
  private static final System.Logger LOGGER = System.getLogger("org.swtdx.exec");

  /** A program can give reason for any number of lines; those before these are forgotten. */
  private static final int REMEMBERED = 1000;

  private static final LinkedHashSet<String> SAID = new LinkedHashSet<>();

  private Messages() {}

  static void warn(String text) {
    synchronized (SAID) {
      if (!SAID.add(text)) {
        return;
      }
      if (SAID.size() > REMEMBERED) {
        SAID.removeFirst();
      }
    }
    LOGGER.log(System.Logger.Level.WARNING, text);
  }
}
