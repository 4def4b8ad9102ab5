package org.swtdx.kvm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The latest messages of the host kernel, as dmesg would show them. Thread-safe. */
final class KernelLog {
  private static final int CAPACITY = 256;
  private static final System.Logger LOGGER = System.getLogger("org.swtdx.kvm");

  private final Deque<String> lines = new ArrayDeque<>();

  void warn(String line) {
    LOGGER.log(System.Logger.Level.DEBUG, line);
    synchronized (lines) {
      if (lines.size() == CAPACITY) {
        lines.removeFirst();
      }
      lines.addLast(line);
    }
  }

  List<String> lines() {
    synchronized (lines) {
      return new ArrayList<>(lines);
    }
  }
}
