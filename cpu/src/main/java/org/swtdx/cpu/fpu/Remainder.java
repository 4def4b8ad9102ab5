package org.swtdx.cpu.fpu;

/** The exact partial remainder of FPREM and FPREM1. */
final class Remainder {
  /** No quotient: C0 and C3 keep their values. */
  static final int NONE = -1;

  private Remainder() {}

  /**
   * r = a rem b for operands that are no NaNs.
   *
   * @return condition codes: C2 when the reduction is incomplete, else the low quotient bits, or
   *     {@link #NONE}
   */
  static int compute(FloatUnit u, boolean nearest) {
    Num a = u.a;
    Num b = u.b;
    if (a.kind == Num.INFINITY || b.kind == Num.ZERO) {
      u.flags |= FloatUnit.IE;
      u.r.setIndefinite();
      return NONE;
    }
    u.flags |= a.denormal || b.denormal ? FloatUnit.DE : 0;
    u.r.set(a);
    u.r.denormal = false;
    if (a.kind == Num.ZERO || b.kind == Num.INFINITY || a.exp < b.exp - 1) {
      return 0;
    }
    int difference = a.exp - b.exp;
    if (difference < 0) {
      return nearest ? below(u) : 0;
    }
    boolean complete = difference < 64;
    int steps = complete ? difference : difference & 31 | 32;
    return divide(u, steps, difference - steps, nearest && complete, complete);
  }

  /** a is below b but at least a quarter of it: the nearest quotient is 0 or 1. */
  private static int below(FloatUnit u) {
    if (Long.compareUnsigned(u.a.sig, u.b.sig) <= 0) {
      return 0;
    }
    // 2a above b: the remainder is a - b.
    u.r.negative = !u.a.negative;
    u.r.exp = u.b.exp;
    u.r.sig = u.b.sig;
    u.r.lo = 0;
    long half = u.a.sig >>> 1;
    long lost = u.a.sig << 63;
    u.r.sig -= half;
    if (lost != 0) {
      u.r.sig -= 1;
      u.r.lo = lost;
    }
    u.r.normalize();
    return FpuState.C1;
  }

  /** Subtract and shift: {@code steps + 1} quotient bits of a / (b * 2^scale). */
  private static int divide(FloatUnit u, int steps, int scale, boolean nearest, boolean complete) {
    long rest = u.a.sig;
    long divisor = u.b.sig;
    boolean carry = false;
    long quotient = 0;
    for (int k = steps; ; k--) {
      quotient <<= 1;
      if (carry || Long.compareUnsigned(rest, divisor) >= 0) {
        rest -= divisor;
        quotient |= 1;
      }
      if (k == 0) {
        break;
      }
      carry = rest < 0;
      rest <<= 1;
    }
    boolean negative = u.a.negative;
    if (nearest) {
      int order = rest < 0 ? 1 : Long.compareUnsigned(rest << 1, divisor);
      if (order > 0 || order == 0 && (quotient & 1) != 0) {
        rest = divisor - rest;
        negative = !negative;
        quotient++;
      }
    }
    if (rest == 0) {
      u.r.setZero(u.a.negative);
    } else {
      u.r.setInteger(negative, rest, u.b.exp + scale - 63);
    }
    if (!complete) {
      return FpuState.C2;
    }
    return ((quotient & 1) != 0 ? FpuState.C1 : 0)
        | ((quotient & 2) != 0 ? FpuState.C3 : 0)
        | ((quotient & 4) != 0 ? FpuState.C0 : 0);
  }
}
