package org.swtdx.cpu.fpu;

import static org.swtdx.cpu.fpu.Num.FINITE;
import static org.swtdx.cpu.fpu.Num.INFINITY;
import static org.swtdx.cpu.fpu.Num.ZERO;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * F2XM1, FYL2X, FYL2XP1, FPATAN and the trigonometric functions with the special cases of SDM Vol.
 * 2A, correctly rounded. Processors guarantee one unit in the last place, so that a particular one
 * may return a neighbour. Arguments of the trigonometric functions are reduced with the 66-bit
 * value of pi that SDM Vol. 1 8.3.8 gives.
 */
final class Transcendental {
  /** Pi times 2^66. */
  private static final BigInteger PI66 = new BigInteger("c90fdaa22168c234c", 16);

  private static final BigDecimal ONE = BigDecimal.ONE;

  private Transcendental() {}

  private static void invalid(FloatUnit u) {
    u.flags |= FloatUnit.IE;
    u.r.setIndefinite();
  }

  private static void noteDenormal(FloatUnit u, Num n) {
    u.flags |= n.denormal ? FloatUnit.DE : 0;
  }

  /** r = 2^a - 1. Outside -1 to 1 the operand is left as it is. */
  static void powerOfTwoMinusOne(FloatUnit u) {
    if (u.propagateNanUnary()) {
      return;
    }
    u.r.set(u.a);
    u.r.denormal = false;
    if (u.a.kind == INFINITY && u.a.negative) {
      u.r.setInteger(true, 1, 0);
    }
    if (u.a.kind != FINITE) {
      return;
    }
    noteDenormal(u, u.a);
    if (u.a.exp >= 0) {
      u.flags |= FloatUnit.PE;
      if (u.a.exp == 0 && u.a.sig == Num.TOP && u.a.negative) {
        u.r.setInteger(true, 1, -1);
      }
      return;
    }
    Series.store(Series.power2MinusOne(Series.of(u.a)), u.r);
  }

  /** r = b * log2(a). */
  static void timesLog2(FloatUnit u) {
    if (u.propagateNan()) {
      return;
    }
    if (u.a.negative && u.a.kind != ZERO
        || u.b.kind == ZERO && (u.a.kind == ZERO || u.a.kind == INFINITY)
        || u.b.kind == INFINITY && isOne(u.a)) {
      invalid(u);
      return;
    }
    if (u.a.kind == ZERO) {
      if (u.b.kind == FINITE) {
        u.flags |= FloatUnit.ZE;
      }
      u.r.setInfinity(!u.b.negative);
      return;
    }
    noteDenormal(u, u.a);
    noteDenormal(u, u.b);
    if (u.a.kind == INFINITY || u.b.kind == INFINITY) {
      boolean below = u.a.kind == FINITE && u.a.exp < 0;
      u.r.setInfinity(u.b.negative != below);
      return;
    }
    if (u.b.kind == ZERO || isOne(u.a)) {
      u.r.setZero(u.b.negative != (u.a.exp < 0));
      return;
    }
    if (u.a.sig == Num.TOP) {
      powerOfTwo(u);
      return;
    }
    product(u, log2(u.a));
  }

  /** The logarithm of a power of two is exact; processors say inexact all the same. */
  private static void powerOfTwo(FloatUnit u) {
    u.flags |= FloatUnit.PE;
    int exponent = u.a.exp;
    u.a.setInteger(exponent < 0, Math.abs(exponent), 0);
    u.b.denormal = false;
    u.multiply();
  }

  private static boolean isOne(Num n) {
    return n.kind == FINITE && !n.negative && n.exp == 0 && n.sig == Num.TOP;
  }

  private static BigDecimal log2(Num n) {
    int exponent = n.exp;
    n.exp = 0;
    BigDecimal m = Series.of(n);
    n.exp = exponent;
    if (exponent == -1) {
      m = m.divide(BigDecimal.TWO);
      exponent = 0;
    }
    return Series.log2OnePlus(m.subtract(ONE)).add(BigDecimal.valueOf(exponent));
  }

  private static void product(FloatUnit u, BigDecimal logarithm) {
    boolean negative = logarithm.signum() < 0 != u.b.negative;
    int exponent = u.b.exp;
    u.b.exp = 0;
    Series.store(logarithm.multiply(Series.of(u.b), Series.PRECISION), u.r);
    u.b.exp = exponent;
    u.r.exp += exponent;
    u.r.negative = negative;
  }

  /** r = b * log2(a + 1). At and below -1, where it is undefined, r = a. */
  static void timesLog2PlusOne(FloatUnit u) {
    if (u.propagateNan()) {
      return;
    }
    if (u.a.negative && u.a.kind == INFINITY
        || u.b.kind == INFINITY && u.a.kind == ZERO
        || u.b.kind == ZERO && u.a.kind == INFINITY) {
      invalid(u);
      return;
    }
    noteDenormal(u, u.a);
    noteDenormal(u, u.b);
    boolean sign = u.a.negative != u.b.negative;
    if (u.a.kind == ZERO || u.b.kind == ZERO) {
      u.r.setZero(sign);
    } else if (u.a.kind == INFINITY || u.b.kind == INFINITY) {
      u.r.setInfinity(sign);
    } else if (u.a.negative && u.a.exp >= 0) {
      u.flags |= FloatUnit.PE;
      u.r.set(u.a);
    } else if (u.a.exp >= 200) {
      product(u, log2(u.a));
    } else if (u.a.exp < -100) {
      tinyLogarithm(u);
    } else {
      product(u, Series.log2OnePlus(Series.of(u.a)));
    }
  }

  /** log2(1 + a) is a / ln 2 for such arguments, to all bits of the result. */
  private static void tinyLogarithm(FloatUnit u) {
    boolean sign = u.a.negative != u.b.negative;
    int exponent = u.a.exp;
    u.a.exp = 0;
    u.a.negative = false;
    BigDecimal x = Series.of(u.a).divide(Series.LN2, Series.PRECISION);
    product(u, x);
    u.r.exp += exponent;
    u.r.negative = sign;
  }

  /** r = arc tangent of b / a in the quadrant of (a, b). */
  static void arcTangent(FloatUnit u) {
    if (u.propagateNan()) {
      return;
    }
    boolean sign = u.b.negative;
    noteDenormal(u, u.a);
    noteDenormal(u, u.b);
    if (u.b.kind == ZERO || u.a.kind == INFINITY && u.b.kind != INFINITY) {
      if (u.a.negative) {
        multipleOfPi(u, 4, sign);
      } else {
        u.r.setZero(sign);
      }
    } else if (u.b.kind == INFINITY) {
      multipleOfPi(u, u.a.kind != INFINITY ? 2 : u.a.negative ? 3 : 1, sign);
    } else if (u.a.kind == ZERO) {
      multipleOfPi(u, 2, sign);
    } else {
      quotientAngle(u, sign);
    }
  }

  private static void multipleOfPi(FloatUnit u, int quarters, boolean sign) {
    Series.store(Series.PI.multiply(BigDecimal.valueOf(quarters * 0.25)), u.r);
    u.r.negative = sign;
  }

  private static void quotientAngle(FloatUnit u, boolean sign) {
    int difference = u.b.exp - u.a.exp;
    boolean acute = !u.a.negative;
    if (difference < -100 && acute) {
      // The angle is the quotient, less than any rounding can see.
      u.a.denormal = false;
      u.b.denormal = false;
      u.swapOperands();
      u.divide();
      u.r.lo |= 1;
      return;
    }
    int saved = u.a.exp;
    u.b.exp = Math.clamp(difference, -200, 200);
    u.a.exp = 0;
    BigDecimal ratio = Series.of(u.b).abs().divide(Series.of(u.a).abs(), Series.PRECISION);
    u.a.exp = saved;
    BigDecimal angle = Series.arcTangent(ratio);
    Series.store(acute ? angle : Series.PI.subtract(angle), u.r);
    u.r.negative = sign;
  }

  /** An argument reduced to the first octants: the rest and the number of quarter turns. */
  record Reduced(BigDecimal rest, int quarters) {}

  /** Reduces finite {@code n}, whose exponent is below 63. */
  static Reduced reduce(Num n) {
    if (n.exp < -1) {
      return new Reduced(Series.of(n), 0);
    }
    // Units of 2^-130: pi/2 is PI66 * 2^63 of them.
    BigInteger value = new BigInteger(Long.toUnsignedString(n.sig)).shiftLeft(n.exp - 63 + 130);
    BigInteger quarter = PI66.shiftLeft(63);
    BigInteger turns = value.shiftLeft(1).add(quarter).divide(quarter.shiftLeft(1));
    BigInteger rest = value.subtract(turns.multiply(quarter));
    int quarters = turns.testBit(0) ? 1 : 0;
    quarters += turns.testBit(1) ? 2 : 0;
    BigDecimal scaled = new BigDecimal(rest).divide(new BigDecimal(BigInteger.ONE.shiftLeft(130)));
    return n.negative ? new Reduced(scaled.negate(), -quarters & 3) : new Reduced(scaled, quarters);
  }

  /** Sine of the argument, or cosine. */
  static BigDecimal sine(Reduced x, boolean cosine) {
    int quarters = x.quarters() + (cosine ? 1 : 0) & 3;
    BigDecimal value = Series.sine(x.rest(), (quarters & 1) != 0);
    return quarters >= 2 ? value.negate() : value;
  }

  /** r = tangent of the argument. */
  static BigDecimal tangent(Reduced x) {
    return sine(x, false).divide(sine(x, true), Series.PRECISION);
  }
}
