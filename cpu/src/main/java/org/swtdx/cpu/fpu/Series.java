package org.swtdx.cpu.fpu;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * Elementary functions to {@value #DIGITS} significant digits, far more than 80-bit numbers hold.
 */
final class Series {
  static final int DIGITS = 48;
  static final MathContext PRECISION = new MathContext(DIGITS);

  /** Enough for any cancellation within the functions below. */
  private static final MathContext WORKING = new MathContext(DIGITS + 12);

  private static final BigDecimal ONE = BigDecimal.ONE;
  private static final BigDecimal TWO = BigDecimal.TWO;

  /** Terms below this, relative to the sum, end a series. */
  private static final int NEGLIGIBLE = DIGITS + 8;

  static final BigDecimal PI = machin();
  static final BigDecimal LN2 = twiceArTanh(ONE.divide(BigDecimal.valueOf(3), WORKING));

  private Series() {}

  private static BigDecimal machin() {
    BigDecimal fifth = new BigDecimal("0.2");
    BigDecimal other = ONE.divide(BigDecimal.valueOf(239), WORKING);
    return BigDecimal.valueOf(16)
        .multiply(arcTangentSeries(fifth))
        .subtract(BigDecimal.valueOf(4).multiply(arcTangentSeries(other)), WORKING);
  }

  private static boolean negligible(BigDecimal term, BigDecimal sum) {
    return term.signum() == 0 || magnitude(term) < magnitude(sum) - NEGLIGIBLE;
  }

  /** Decimal exponent of the leading digit. */
  private static int magnitude(BigDecimal x) {
    return x.precision() - x.scale();
  }

  /** The alternating (or not) odd series x ± x^3/3 + x^5/5 ±... */
  private static BigDecimal oddSeries(BigDecimal x, boolean alternate) {
    BigDecimal square = x.multiply(x, WORKING);
    if (alternate) {
      square = square.negate();
    }
    BigDecimal power = x;
    BigDecimal sum = x;
    for (int k = 3; ; k += 2) {
      power = power.multiply(square, WORKING);
      BigDecimal term = power.divide(BigDecimal.valueOf(k), WORKING);
      if (negligible(term, sum)) {
        return sum;
      }
      sum = sum.add(term, WORKING);
    }
  }

  private static BigDecimal arcTangentSeries(BigDecimal x) {
    return oddSeries(x, true);
  }

  private static BigDecimal twiceArTanh(BigDecimal x) {
    return oddSeries(x, false).multiply(TWO);
  }

  /** Arc tangent of a non-negative number. */
  static BigDecimal arcTangent(BigDecimal x) {
    if (x.compareTo(ONE) > 0) {
      return PI.divide(TWO, WORKING).subtract(arcTangent(ONE.divide(x, WORKING)), WORKING);
    }
    int halvings = 0;
    BigDecimal t = x;
    while (t.compareTo(new BigDecimal("0.1")) > 0) {
      BigDecimal root = t.multiply(t, WORKING).add(ONE).sqrt(WORKING);
      t = t.divide(root.add(ONE), WORKING);
      halvings++;
    }
    return arcTangentSeries(t).multiply(BigDecimal.valueOf(1L << halvings), WORKING);
  }

  /** log2(1 + x) for x above -1, accurate for small x. */
  static BigDecimal log2OnePlus(BigDecimal x) {
    BigDecimal value = x.add(ONE);
    int shift = 0;
    BigDecimal m = x;
    if (value.compareTo(new BigDecimal("1.5")) > 0 || value.compareTo(new BigDecimal("0.7")) < 0) {
      shift = (int) Math.round(Math.log(value.doubleValue()) / Math.log(2));
      m = value.multiply(power(2, -shift), WORKING).subtract(ONE, WORKING);
    }
    BigDecimal natural = twiceArTanh(m.divide(m.add(TWO), WORKING));
    return natural.divide(LN2, WORKING).add(BigDecimal.valueOf(shift), WORKING);
  }

  /** 2^x - 1 for x of at most 1 in magnitude. */
  static BigDecimal power2MinusOne(BigDecimal x) {
    BigDecimal y = x.multiply(LN2, WORKING);
    BigDecimal term = y;
    BigDecimal sum = y;
    for (int k = 2; ; k++) {
      term = term.multiply(y, WORKING).divide(BigDecimal.valueOf(k), WORKING);
      if (negligible(term, sum)) {
        return sum;
      }
      sum = sum.add(term, WORKING);
    }
  }

  /** Sine (first term x) or cosine (first term 1) of a reduced argument. */
  static BigDecimal sine(BigDecimal x, boolean cosine) {
    BigDecimal square = x.multiply(x, WORKING).negate();
    BigDecimal term = cosine ? ONE : x;
    BigDecimal sum = term;
    for (int k = cosine ? 1 : 2; ; k += 2) {
      term = term.multiply(square, WORKING).divide(BigDecimal.valueOf((long) k * (k + 1)), WORKING);
      if (negligible(term, sum)) {
        return sum;
      }
      sum = sum.add(term, WORKING);
    }
  }

  /** base^exponent, also for negative exponents. */
  static BigDecimal power(int base, int exponent) {
    BigDecimal p = BigDecimal.valueOf(base).pow(Math.abs(exponent), WORKING);
    return exponent >= 0 ? p : ONE.divide(p, WORKING);
  }

  /** A finite number; exact when its exponent is moderate, else to working precision. */
  static BigDecimal of(Num n) {
    BigInteger magnitude = new BigInteger(Long.toUnsignedString(n.sig));
    BigDecimal value = new BigDecimal(n.negative ? magnitude.negate() : magnitude);
    int e = n.exp - 63;
    if (e >= -200 && e <= 200) {
      BigDecimal scale = new BigDecimal(BigInteger.ONE.shiftLeft(Math.abs(e)));
      return e >= 0 ? value.multiply(scale) : value.divide(scale);
    }
    return value.multiply(power(2, e), WORKING);
  }

  /** Stores an irrational value: 128 bits, the last one sticky. */
  static void store(BigDecimal value, Num target) {
    BigDecimal magnitude = value.abs();
    int e = (int) Math.floor((magnitude(magnitude) - 1) * (Math.log(10) / Math.log(2)));
    BigInteger bits = scaled(magnitude, 130 - e);
    int excess = bits.bitLength() - 128;
    BigInteger top = bits.shiftRight(excess);
    target.kind = Num.FINITE;
    target.negative = value.signum() < 0;
    target.denormal = false;
    target.sig = top.shiftRight(64).longValue();
    target.lo = top.longValue() | 1;
    target.exp = 127 + excess - (130 - e);
  }

  private static BigInteger scaled(BigDecimal magnitude, int shift) {
    return magnitude.multiply(power(2, shift), WORKING).toBigInteger();
  }
}
