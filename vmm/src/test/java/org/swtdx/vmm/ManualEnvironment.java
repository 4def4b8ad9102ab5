package org.swtdx.vmm;

import org.swtdx.cpu.Environment;

/** Time that moves when a test says so. */
public final class ManualEnvironment implements Environment {
  /** 2026-11-21T12:34:56Z, a Saturday. */
  public static final long START_MILLIS = 1_795_264_496_000L;

  private long nanos = 5_000;

  /** Lets time pass. */
  public void advance(long by) {
    nanos += by;
  }

  @Override
  public long tsc() {
    return nanos;
  }

  @Override
  public long tscHz() {
    return 1_000_000_000;
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public long wallClockMillis() {
    return START_MILLIS + (nanos - 5_000) / 1_000_000;
  }

  @Override
  public long random64() {
    return 4;
  }
}
