package org.swtdx.cpu.fpu;

/** Unsigned 128-bit by 64-bit division and 128-bit square root, as exact integers. */
final class WideMath {
  private WideMath() {}

  /** floor(hi:lo / divisor) for hi below divisor and a divisor with its top bit set. */
  static long divide(long hi, long lo, long divisor) {
    long high = digit(hi, lo >>> 32, divisor);
    long rest = (hi << 32 | lo >>> 32) - high * divisor;
    long low = digit(rest, lo & 0xffff_ffffL, divisor);
    return high << 32 | low;
  }

  /** One 32-bit quotient digit of (rest * 2^32 + next) / divisor, rest below divisor. */
  private static long digit(long rest, long next, long divisor) {
    long top = divisor >>> 32;
    long bottom = divisor & 0xffff_ffffL;
    long q = Long.divideUnsigned(rest, top);
    long r = rest - q * top;
    // The estimate is at most two too large for a normalized divisor.
    while (r >>> 32 == 0
        && (q >>> 32 != 0 || Long.compareUnsigned(q * bottom, r << 32 | next) > 0)) {
      q--;
      r += top;
    }
    return q;
  }

  /** floor(sqrt(hi:lo)) for hi of at least 2^62: a result with its top bit set. */
  static long squareRoot(long hi, long lo) {
    long root = 0;
    for (int bit = 63; bit >= 0; bit--) {
      long trial = root | 1L << bit;
      long squareHi = Math.unsignedMultiplyHigh(trial, trial);
      int order = Long.compareUnsigned(squareHi, hi);
      if (order < 0 || order == 0 && Long.compareUnsigned(trial * trial, lo) <= 0) {
        root = trial;
      }
    }
    return root;
  }
}
