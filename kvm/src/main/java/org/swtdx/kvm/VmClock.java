package org.swtdx.kvm;

import org.swtdx.cpu.Environment;

/**
 * The clock of a VM: nanoseconds since it was created, unless user space sets it. It is computed
 * from the TSC, so that guests that compute it from theirs agree with it. Any thread.
 */
final class VmClock {
  private static final long NANOS = 1_000_000_000;

  private final Environment environment;
  private final long hertz;
  private final long startTsc;
  private volatile long offset;

  VmClock(Environment environment) {
    this.environment = environment;
    hertz = environment.tscHz();
    startTsc = environment.tsc();
  }

  /** The time at which the host's TSC has a value. */
  long at(long tsc) {
    return sinceStart(tsc) + offset;
  }

  private long sinceStart(long tsc) {
    long ticks = tsc - startTsc;
    return ticks / hertz * NANOS + ticks % hertz * NANOS / hertz;
  }

  /** Sets the time to {@code nanos} now. */
  void set(long nanos) {
    offset = nanos - sinceStart(environment.tsc());
  }
}
