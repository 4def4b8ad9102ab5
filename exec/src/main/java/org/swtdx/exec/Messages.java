package org.swtdx.exec;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the supervisor has to tell its user: one line each, on standard error, not twice. */
final class Messages {
  private static final System.Logger LOGGER = System.getLogger("org.swtdx.exec");
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private Messages() {}

  static void warn(String text) {
    if (SAID.add(text)) {
      LOGGER.log(System.Logger.Level.WARNING, text);
    }
  }
}
