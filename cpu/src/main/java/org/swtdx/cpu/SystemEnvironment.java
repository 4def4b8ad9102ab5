package org.swtdx.cpu;

import java.security.SecureRandom;

/** Time from the JVM's clocks, entropy from the operating system. */
final class SystemEnvironment implements Environment {
  private final SecureRandom random = new SecureRandom();
  private final long start = System.nanoTime();
  private final long tscHz;

  SystemEnvironment(long tscHz) {
    this.tscHz = tscHz;
  }

  @Override
  public long tsc() {
    long nanos = System.nanoTime() - start;
    return Math.multiplyHigh(nanos, tscHz) == 0
        ? Long.divideUnsigned(nanos * tscHz, 1_000_000_000L)
        : nanos / 1000 * (tscHz / 1_000_000);
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
