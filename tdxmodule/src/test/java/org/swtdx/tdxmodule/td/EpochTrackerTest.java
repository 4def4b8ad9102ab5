package org.swtdx.tdxmodule.td;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** TLB tracking and virtual TSC arithmetic. */
class EpochTrackerTest {
  private final EpochTracker epochs = new EpochTracker();

  @Test
  void nothingIsTrackedInItsOwnEpoch() {
    assertThat(epochs.tracked(1)).isFalse();
    assertThat(epochs.advance()).isTrue();
    assertThat(epochs.tracked(1)).isTrue();
    assertThat(epochs.tracked(2)).isFalse();
  }

  @Test
  void oneEpochBackIsTrackedWhenItsVcpusHaveLeft() {
    long e = epochs.enter();
    epochs.advance();
    long f = epochs.enter();

    assertThat(epochs.tracked(e)).isFalse();
    assertThat(epochs.advance()).isFalse();
    epochs.exit(e);
    assertThat(epochs.tracked(e)).isTrue();
    assertThat(epochs.advance()).isTrue();
    assertThat(epochs.tracked(f)).isFalse();
    epochs.exit(f);
    assertThat(epochs.tracked(f)).isTrue();
    assertThat(epochs.refcount(0) + epochs.refcount(1)).isZero();
  }

  @Test
  void anEpochOfAMigrationIsNeverTracked() {
    epochs.advance();
    assertThat(epochs.tracked(Long.MIN_VALUE)).isFalse();
  }

  @Test
  void theVirtualTscStartsAtZeroAndRunsAtItsFrequency() {
    long now = 123_456_789_012_345L;
    TscScaling half = TscScaling.startingAt(now, 1_000_000_000L, 2_000_000_000L);

    assertThat(half.multiplier()).isEqualTo(1L << 47);
    assertThat(scaled(half, now)).isZero();
    assertThat(scaled(half, now + 2_000_000)).isEqualTo(1_000_000);
    TscScaling third = TscScaling.startingAt(0, 1_000_000_000L, 3_000_000_000L);
    assertThat(third.multiplier()).isEqualTo((1L << 48) / 3);
    TscScaling faster = TscScaling.startingAt(0, 10_000_000_000L, 2_500_000_000L);
    assertThat(faster.multiplier()).isEqualTo(1L << 50);
  }

  private static long scaled(TscScaling s, long tsc) {
    java.math.BigInteger product =
        java.math.BigInteger.valueOf(tsc).multiply(java.math.BigInteger.valueOf(s.multiplier()));
    return product.shiftRight(48).longValue() + s.offset();
  }
}
