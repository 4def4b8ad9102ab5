package org.swtdx.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SystemEnvironmentTest {
  private static final long[] FREQUENCIES = {
    1_000_000L, 1_193_182L, 2_000_000_000L, 4_000_000_000L
  };

  /** Times around which a 64-bit product of nanoseconds and frequency changes its sign or wraps. */
  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        999_999_999L,
        1_000_000_000L,
        4_611_686_018L,
        9_223_372_036L,
        86_400_000_000_000L
      })
  void theTscIsExactAndNeverRunsBackwards(long around) {
    for (long hz : FREQUENCIES) {
      long before = -1;
      for (long nanos = Math.max(0, around - 3000); nanos < around + 3000; nanos += 7) {
        long ticks = SystemEnvironment.ticks(nanos, hz);
        assertThat(ticks)
            .isGreaterThanOrEqualTo(before)
            .isEqualTo(
                BigInteger.valueOf(nanos)
                    .multiply(BigInteger.valueOf(hz))
                    .divide(BigInteger.valueOf(1_000_000_000L))
                    .longValueExact());
        before = ticks;
      }
    }
  }
}
