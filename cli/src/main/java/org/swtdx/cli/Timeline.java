package org.swtdx.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.swtdx.vmm.LaunchListener;
import org.swtdx.vmm.Phase;

/**
 * Prints a launch as it happens: one line per phase, a bar while pages are added. Times count from
 * the start of the launcher.
 */
final class Timeline implements LaunchListener {
  private static final int BAR = 32;
  private static final long REDRAW_NANOS = 50_000_000;

  private final PrintWriter out;
  private final boolean live;
  private final boolean verbose;
  private final long start;
  private long lastDrawn;
  private long added;
  private double firstInstruction;

  /**
   * Creates a timeline.
   *
   * @param out where it is printed
   * @param live whether lines can be redrawn (a terminal)
   * @param verbose whether conversions are shown
   */
  Timeline(PrintWriter out, boolean live, boolean verbose) {
    this.out = out;
    this.live = live;
    this.verbose = verbose;
    start = System.nanoTime() - nanosSinceStart();
  }

  /** Since the launcher began, which passes its clock on; else since this object came to be. */
  private static long nanosSinceStart() {
    Long startedMicros = Long.getLong("swtdx.started");
    return startedMicros == null
        ? 0
        : Duration.between(Instant.EPOCH.plus(startedMicros, ChronoUnit.MICROS), Instant.now())
            .toNanos();
  }

  /**
   * Seconds from the start of the launcher to the guest's first instruction; 0 if there was none.
   */
  double firstInstructionSeconds() {
    return firstInstruction;
  }

  @Override
  public void began(Phase phase) {
    if (phase == Phase.RUN) {
      firstInstruction = seconds();
      line(phase.label(), "first instruction");
    }
  }

  @Override
  public void ended(Phase phase, long nanos) {
    if (phase == Phase.RUN || phase == Phase.TEARDOWN) {
      return;
    }
    if (live) {
      out.print("\r\033[K");
    }
    String what = phase == Phase.PAGES ? added + " pages added" : "";
    line(phase.label(), String.format("%-18s %9.3f ms", what, nanos / 1e6));
  }

  @Override
  public void pagesAdded(long done, long total, boolean measured) {
    added = done;
    long now = System.nanoTime();
    if (!live || (done != total && now - lastDrawn < REDRAW_NANOS)) {
      return;
    }
    lastDrawn = now;
    int filled = (int) (done * BAR / Math.max(1, total));
    out.printf(
        "\r%10.3f s  %-9s [%s%s] %d/%d%s",
        seconds(),
        "pages",
        "#".repeat(filled),
        ".".repeat(BAR - filled),
        done,
        total,
        measured ? " measured" : "");
    out.flush();
  }

  @Override
  public void converted(long gpa, long pages, boolean toPrivate) {
    if (verbose) {
      line(
          "convert",
          String.format("gpa 0x%x, %d pages, to %s", gpa, pages, toPrivate ? "private" : "shared"));
    }
  }

  @Override
  public void remark(String message) {
    line("note", message);
  }

  private synchronized void line(String name, String text) {
    out.printf("%10.3f s  %-9s %s%s", seconds(), name, text, live ? "\r\n" : "\n");
    out.flush();
  }

  private double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }
}
