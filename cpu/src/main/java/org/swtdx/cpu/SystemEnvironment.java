package org.swtdx.cpu;

import java.security.SecureRandom;

/** Time from the JVM's clocks, entropy from the operating system. */
final class SystemEnvironment implements Environment {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final SecureRandom random = new SecureRandom();
  private final long start = System.nanoTime();
  private final long tscHz;

  SystemEnvironment(long tscHz) {
    this.tscHz = tscHz;
  }

  @Override
  public long tsc() {
    return ticks(System.nanoTime() - start, tscHz);
  }

  /** Ticks of a {@code hz} clock after {@code nanos}; exact, so that it never runs backwards. */
  static long ticks(long nanos, long hz) {
    return nanos / NANOS_PER_SECOND * hz + nanos % NANOS_PER_SECOND * hz / NANOS_PER_SECOND;
  }

  @Override
  public long tscHz() {
    return tscHz;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long wallClockMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public long random64() {
    return random.nextLong();
  }
}
