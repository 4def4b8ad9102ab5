package org.swtdx.cli;

import java.io.Console;
import java.io.PrintWriter;

/** A line on the terminal that counts verdicts; without a terminal, only the sum at the end. */
final class Progress {
  private static final long INTERVAL_NANOS = 200_000_000;

  private final PrintWriter err;
  private final boolean enabled;
  private final boolean live;
  private final long start = System.nanoTime();
  private long shown = start;

  Progress(PrintWriter err, boolean enabled) {
    this.err = err;
    this.enabled = enabled;
    Console console = enabled ? System.console() : null;
    this.live = console != null && console.isTerminal();
  }

  void show(VerdictCount count) {
    long now = System.nanoTime();
    if (live && now - shown > INTERVAL_NANOS) {
      shown = now;
      err.print("\r" + text(count, now) + "\033[K");
      err.flush();
    }
  }

  void end(VerdictCount count) {
    if (enabled) {
      err.println((live ? "\r\033[K" : "") + text(count, System.nanoTime()));
      err.flush();
    }
  }

  private String text(VerdictCount count, long now) {
    double seconds = Math.max(1e-3, (now - start) / 1e9);
    return "%s; %,.0f a second".formatted(count, count.total() / seconds);
  }
}
