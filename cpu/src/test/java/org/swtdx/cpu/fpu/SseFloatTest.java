package org.swtdx.cpu.fpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SseFloatTest {
  private static final int MASKED = 0x1f80;
  private static final int PE_SET = 0x20;
  private final FloatUnit unit = new FloatUnit();
  private final SplittableRandom random = new SplittableRandom(11);

  private static long bits(double x) {
    return Double.doubleToRawLongBits(x);
  }

  private double randomDouble() {
    return Double.longBitsToDouble(
        random.nextLong() & 0x800f_ffff_ffff_ffffL | random.nextLong(960, 1090) << 52);
  }

  private long sum(int mxcsr, long a, long b) {
    unit.begin(mxcsr);
    return SseFloat.add64(unit, a, b);
  }

  @Test
  void exactAndHostArithmeticAgreeWhateverTheInexactFlagWas() {
    for (int k = 0; k < 20_000; k++) {
      long a = bits(randomDouble());
      long b = bits(randomDouble());
      for (SseFloat.Op64 op : operations()) {
        // Rounding towards zero or to nearest by the exact path, against the host's path.
        unit.begin(MASKED | PE_SET);
        long fast = op.apply(unit, a, b);
        unit.begin(MASKED & ~0x1000 | PE_SET);
        long exact = op.apply(unit, a, b);

        assertThat(fast).isEqualTo(exact);
      }
    }
  }

  private static SseFloat.Op64[] operations() {
    return new SseFloat.Op64[] {
      SseFloat::add64, SseFloat::subtract64, SseFloat::multiply64, SseFloat::divide64
    };
  }

  @Test
  void theInexactFlagTellsWhetherTheSumWasRounded() {
    for (int k = 0; k < 20_000; k++) {
      double a = randomDouble();
      double b = randomDouble();
      double s = Double.longBitsToDouble(sum(MASKED, bits(a), bits(b)));
      boolean exact = new BigDecimal(a).add(new BigDecimal(b)).compareTo(new BigDecimal(s)) == 0;

      assertThat((unit.flags & FloatUnit.PE) == 0).isEqualTo(exact);
    }
  }

  @Test
  void directedRoundingsEncloseTheSum() {
    int down = MASKED | 1 << 13;
    int up = MASKED | 2 << 13;
    for (int k = 0; k < 5_000; k++) {
      double a = randomDouble();
      double b = randomDouble();
      BigDecimal exact = new BigDecimal(a).add(new BigDecimal(b));

      assertThat(new BigDecimal(Double.longBitsToDouble(sum(down, bits(a), bits(b)))))
          .isLessThanOrEqualTo(exact);
      assertThat(new BigDecimal(Double.longBitsToDouble(sum(up, bits(a), bits(b)))))
          .isGreaterThanOrEqualTo(exact);
    }
  }

  @Test
  void tinyResultsUnderflowOnlyWhenInexactAndMasked() {
    long smallest = bits(Double.MIN_NORMAL);
    unit.begin(MASKED);
    SseFloat.multiply64(unit, smallest, bits(0.5));
    assertThat(unit.flags).isZero();

    unit.begin(MASKED & ~0x800);
    SseFloat.multiply64(unit, smallest, bits(0.5));
    assertThat(unit.flags).isEqualTo(FloatUnit.UE);

    unit.begin(MASKED);
    SseFloat.multiply64(unit, smallest | 1, bits(0.5));
    assertThat(unit.flags).isEqualTo(FloatUnit.UE | FloatUnit.PE);
  }

  @Test
  void approximationsKeepTheirErrorBound() {
    double bound = 1.5 / 4096;
    for (int k = 0; k < 20_000; k++) {
      float x = Math.abs((float) randomDouble());
      float reciprocal = Float.intBitsToFloat(SseConvert.reciprocal(Float.floatToRawIntBits(x)));
      float root =
          Float.intBitsToFloat(SseConvert.reciprocalSquareRoot(Float.floatToRawIntBits(x)));

      assertThat(Math.abs(reciprocal * (double) x - 1)).isLessThanOrEqualTo(bound);
      assertThat(Math.abs(root * Math.sqrt(x) - 1)).isLessThanOrEqualTo(bound);
    }
  }

  @Test
  void elementaryFunctionsMatchKnownDigits() {
    MathContext digits = new MathContext(40);

    assertThat(Series.PI.round(digits))
        .isEqualTo(new BigDecimal("3.141592653589793238462643383279502884197"));
    assertThat(Series.LN2.round(digits))
        .isEqualTo(new BigDecimal("0.6931471805599453094172321214581765680755"));
    assertThat(Series.arcTangent(BigDecimal.ONE).multiply(BigDecimal.valueOf(4)).round(digits))
        .isEqualTo(Series.PI.round(digits));
  }
}
