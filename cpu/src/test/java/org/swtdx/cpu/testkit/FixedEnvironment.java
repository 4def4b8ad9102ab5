package org.swtdx.cpu.testkit;

import org.swtdx.cpu.Environment;

/** Time that advances by one at each reading, and a linear sequence for entropy. */
public final class FixedEnvironment implements Environment {
  private long ticks;
  private long entropy;

  /** Creates an environment at tick zero. */
  public FixedEnvironment() {}

  @Override
  public long tsc() {
    return ++ticks;
  }

  @Override
  public long tscHz() {
    return 1_000_000_000L;
  }

  @Override
  public long nanoTime() {
    return ++ticks;
  }

  @Override
  public long wallClockMillis() {
    return 0;
  }

  @Override
  public long random64() {
    return entropy += 0x9e3779b97f4a7c15L;
  }
}
