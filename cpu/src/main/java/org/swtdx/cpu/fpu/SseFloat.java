package org.swtdx.cpu.fpu;

/**
 * The floating-point operations of SSE and AVX on raw bits. Each takes its rounding and masks from
 * the unit and accumulates exception flags there.
 *
 * <p>The host's own arithmetic is used where the result and all flags are provably the same: round
 * to nearest, operands normal or zero, a result well inside the normal range, and either PE set
 * before or the operation verified to be exact.
 */
public final class SseFloat {
  private SseFloat() {}

  /** A binary64 operation with two operands. */
  @FunctionalInterface
  public interface Op64 {
    /** Returns the result bits. */
    long apply(FloatUnit u, long a, long b);
  }

  /** A binary32 operation with two operands. */
  @FunctionalInterface
  public interface Op32 {
    /** Returns the result bits. */
    int apply(FloatUnit u, int a, int b);
  }

  private static double d(long bits) {
    return Double.longBitsToDouble(bits);
  }

  private static float f(int bits) {
    return Float.intBitsToFloat(bits);
  }

  /** Finite, not denormal, not zero. */
  private static boolean normal64(long bits) {
    return (int) (bits >>> 52 & 0x7ff) - 1 >>> 1 < 0x3ff;
  }

  private static boolean normalOrZero64(long bits) {
    return normal64(bits) || bits << 1 == 0;
  }

  private static boolean normal32(int bits) {
    return (bits >>> 23 & 0xff) - 1 >>> 1 < 0x7f;
  }

  private static boolean normalOrZero32(int bits) {
    return normal32(bits) || bits << 1 == 0;
  }

  /** A normal result for which neither underflow nor overflow is in question. */
  private static boolean safe64(long bits) {
    return (int) (bits >>> 52 & 0x7ff) - 2 >>> 2 < 0x1ff;
  }

  /** Besides {@link #safe64}, so large that the error of a product can be represented. */
  private static boolean roomy64(long bits) {
    int e = (int) (bits >>> 52) & 0x7ff;
    return e > 200 && e < 1846;
  }

  private static boolean safe32(int bits) {
    return (bits >>> 23 & 0xff) - 2 >>> 2 < 0x3f;
  }

  /** a + b. */
  public static long add64(FloatUnit u, long a, long b) {
    if (u.hostRounding && normalOrZero64(a) && normalOrZero64(b)) {
      double x = d(a);
      double y = d(b);
      double s = x + y;
      long r = Double.doubleToRawLongBits(s);
      if (safe64(r) && (u.hostExact || sumExact(x, y, s))) {
        return r;
      }
    }
    return slowAdd64(u, a, b, false);
  }

  /** a - b. */
  public static long subtract64(FloatUnit u, long a, long b) {
    if (u.hostRounding && normalOrZero64(a) && normalOrZero64(b)) {
      double x = d(a);
      double y = d(b);
      double s = x - y;
      long r = Double.doubleToRawLongBits(s);
      if (safe64(r) && (u.hostExact || sumExact(x, -y, s))) {
        return r;
      }
    }
    return slowAdd64(u, a, b, true);
  }

  private static boolean sumExact(double x, double y, double s) {
    double part = s - x;
    return x - (s - part) + (y - part) == 0;
  }

  private static long slowAdd64(FloatUnit u, long a, long b, boolean subtract) {
    u.a.unpack64(a, u.daz);
    u.b.unpack64(b, u.daz);
    u.add(subtract);
    u.round64();
    return u.r.pack64();
  }

  /** a * b. */
  public static long multiply64(FloatUnit u, long a, long b) {
    if (u.hostRounding && normal64(a) && normal64(b)) {
      double x = d(a);
      double y = d(b);
      double p = x * y;
      long r = Double.doubleToRawLongBits(p);
      if (safe64(r) && (u.hostExact || roomy64(r) && Math.fma(x, y, -p) == 0)) {
        return r;
      }
    }
    u.a.unpack64(a, u.daz);
    u.b.unpack64(b, u.daz);
    u.multiply();
    u.round64();
    return u.r.pack64();
  }

  /** a / b. */
  public static long divide64(FloatUnit u, long a, long b) {
    if (u.hostRounding && normal64(a) && normal64(b)) {
      double x = d(a);
      double y = d(b);
      double q = x / y;
      long r = Double.doubleToRawLongBits(q);
      if (safe64(r) && (u.hostExact || roomy64(r) && roomy64(a) && Math.fma(q, y, -x) == 0)) {
        return r;
      }
    }
    u.a.unpack64(a, u.daz);
    u.b.unpack64(b, u.daz);
    u.divide();
    u.round64();
    return u.r.pack64();
  }

  /** Square root of b; a is not used. */
  public static long squareRoot64(FloatUnit u, long a, long b) {
    if (u.hostRounding && normal64(b) && b > 0) {
      double y = d(b);
      double s = Math.sqrt(y);
      if (u.hostExact || roomy64(b) && Math.fma(s, s, -y) == 0) {
        return Double.doubleToRawLongBits(s);
      }
    }
    u.a.unpack64(b, u.daz);
    u.squareRoot();
    u.round64();
    return u.r.pack64();
  }

  /** a + b. */
  public static int add32(FloatUnit u, int a, int b) {
    return sum32(u, a, b, false);
  }

  /** a - b. */
  public static int subtract32(FloatUnit u, int a, int b) {
    return sum32(u, a, b, true);
  }

  private static int sum32(FloatUnit u, int a, int b, boolean subtract) {
    if (u.hostRounding && normalOrZero32(a) && normalOrZero32(b)) {
      float x = f(a);
      float y = subtract ? -f(b) : f(b);
      float s = x + y;
      int r = Float.floatToRawIntBits(s);
      float part = s - x;
      if (safe32(r) && (u.hostExact || x - (s - part) + (y - part) == 0)) {
        return r;
      }
    }
    u.a.unpack32(a, u.daz);
    u.b.unpack32(b, u.daz);
    u.add(subtract);
    u.round32();
    return u.r.pack32();
  }

  /** a * b. */
  public static int multiply32(FloatUnit u, int a, int b) {
    if (u.hostRounding && normal32(a) && normal32(b)) {
      float p = f(a) * f(b);
      int r = Float.floatToRawIntBits(p);
      if (safe32(r) && (u.hostExact || (double) f(a) * f(b) == p)) {
        return r;
      }
    }
    u.a.unpack32(a, u.daz);
    u.b.unpack32(b, u.daz);
    u.multiply();
    u.round32();
    return u.r.pack32();
  }

  /** a / b. */
  public static int divide32(FloatUnit u, int a, int b) {
    if (u.hostRounding && normal32(a) && normal32(b)) {
      float q = f(a) / f(b);
      int r = Float.floatToRawIntBits(q);
      if (safe32(r) && (u.hostExact || (double) q * f(b) == f(a))) {
        return r;
      }
    }
    u.a.unpack32(a, u.daz);
    u.b.unpack32(b, u.daz);
    u.divide();
    u.round32();
    return u.r.pack32();
  }

  /** Square root of b; a is not used. */
  public static int squareRoot32(FloatUnit u, int a, int b) {
    u.a.unpack32(b, u.daz);
    u.squareRoot();
    u.round32();
    return u.r.pack32();
  }

  private static boolean pickSecond(int order, boolean minimum) {
    return order != (minimum ? FloatUnit.LESS : FloatUnit.GREATER);
  }

  private static long flush64(FloatUnit u, long bits) {
    return u.daz && (bits & 0x7ffL << 52) == 0 ? bits & Long.MIN_VALUE : bits;
  }

  private static int flush32(FloatUnit u, int bits) {
    return u.daz && (bits & 0xff << 23) == 0 ? bits & Integer.MIN_VALUE : bits;
  }

  private static long select64(FloatUnit u, long a, long b, boolean minimum) {
    return flush64(u, pickSecond(compare64(u, a, b, true), minimum) ? b : a);
  }

  private static int select32(FloatUnit u, int a, int b, boolean minimum) {
    return flush32(u, pickSecond(compare32(u, a, b, true), minimum) ? b : a);
  }

  /** MINSD: b unless a is less. */
  public static long minimum64(FloatUnit u, long a, long b) {
    return select64(u, a, b, true);
  }

  /** MAXSD: b unless a is greater. */
  public static long maximum64(FloatUnit u, long a, long b) {
    return select64(u, a, b, false);
  }

  /** MINSS: b unless a is less. */
  public static int minimum32(FloatUnit u, int a, int b) {
    return select32(u, a, b, true);
  }

  /** MAXSS: b unless a is greater. */
  public static int maximum32(FloatUnit u, int a, int b) {
    return select32(u, a, b, false);
  }

  /** Relation of a to b (see {@link FloatUnit#compare}). */
  public static int compare64(FloatUnit u, long a, long b, boolean signalling) {
    if (normalOrZero64(a) && normalOrZero64(b)) {
      double x = d(a);
      double y = d(b);
      return x < y ? FloatUnit.LESS : x > y ? FloatUnit.GREATER : FloatUnit.EQUAL;
    }
    u.a.unpack64(a, u.daz);
    u.b.unpack64(b, u.daz);
    return u.compare(signalling);
  }

  /** Relation of a to b (see {@link FloatUnit#compare}). */
  public static int compare32(FloatUnit u, int a, int b, boolean signalling) {
    if (normalOrZero32(a) && normalOrZero32(b)) {
      float x = f(a);
      float y = f(b);
      return x < y ? FloatUnit.LESS : x > y ? FloatUnit.GREATER : FloatUnit.EQUAL;
    }
    u.a.unpack32(a, u.daz);
    u.b.unpack32(b, u.daz);
    return u.compare(signalling);
  }

  /** Whether predicate {@code imm} (the 32 of VCMPPD) signals on QNaNs. */
  private static boolean signals(int imm) {
    // LT, LE, NLT, NLE and their relatives signal; the upper sixteen are the opposite.
    boolean lower = (imm & 3) == 1 || (imm & 3) == 2;
    return lower != ((imm & 0x10) != 0);
  }

  private static boolean holds(int imm, int order) {
    boolean unordered = order == FloatUnit.UNORDERED;
    return switch (imm & 15) {
      case 0 -> order == 0;
      case 1 -> order < 0;
      case 2 -> order <= 0;
      case 3 -> unordered;
      case 4 -> order != 0;
      case 5 -> order >= 0;
      case 6 -> order > 0;
      case 7 -> !unordered;
      case 8 -> order == 0 || unordered;
      case 9 -> order < 0 || unordered;
      case 10 -> order <= 0 || unordered;
      case 11 -> false;
      case 12 -> order != 0 && !unordered;
      case 13 -> order >= 0 && !unordered;
      case 14 -> order > 0 && !unordered;
      default -> true;
    };
  }

  /** CMPPD with predicate {@code imm}: all ones or zero. */
  public static long test64(FloatUnit u, long a, long b, int imm) {
    return holds(imm, compare64(u, a, b, signals(imm))) ? -1 : 0;
  }

  /** CMPPS with predicate {@code imm}: all ones or zero. */
  public static int test32(FloatUnit u, int a, int b, int imm) {
    return holds(imm, compare32(u, a, b, signals(imm))) ? -1 : 0;
  }
}
