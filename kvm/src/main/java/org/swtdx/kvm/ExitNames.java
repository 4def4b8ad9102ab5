package org.swtdx.kvm;

import org.swtdx.cpu.ExitReason;

/** Names of basic exit reasons, for counters. */
final class ExitNames {
  private static final String[] NAMES = new String[128];

  static {
    for (ExitReason reason : ExitReason.values()) {
      NAMES[reason.number()] = reason.name();
    }
  }

  private ExitNames() {}

  static String of(int reason) {
    String name = reason >= 0 && reason < NAMES.length ? NAMES[reason] : null;
    return name == null ? "reason " + reason : name;
  }
}
