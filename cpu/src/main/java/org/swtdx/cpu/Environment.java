package org.swtdx.cpu;

/**
 * The only source of nondeterminism: time and entropy. An implementation that replays both makes a
 * run deterministic. Thread-safe.
 */
public interface Environment {
  /** Ticks of the invariant TSC since the platform was switched on. */
  long tsc();

  /** TSC frequency in Hz. */
  long tscHz();

  /** Monotonic nanoseconds, the clock of timers. */
  long nanoTime();

  /** Wall-clock time in milliseconds since 1970-01-01T00:00:00Z, for the RTC. */
  long wallClockMillis();

  /** 64 bits from the hardware random number generator. */
  long random64();

  /** Returns the environment of the machine this JVM runs on, with a TSC of {@code tscHz}. */
  static Environment system(long tscHz) {
    return new SystemEnvironment(tscHz);
  }
}
