package org.swtdx.cpu.fpu;

/**
 * An unpacked floating-point number of any format: (-1)^negative * (sig.lo) * 2^(exp - 63), the
 * leading bit of {@code sig} set for normalized values. Mutable scratch of a {@link FloatUnit}.
 */
final class Num {
  static final int ZERO = 0;
  static final int FINITE = 1;
  static final int INFINITY = 2;
  static final int QNAN = 3;
  static final int SNAN = 4;

  /** An 80-bit encoding that is no number: unnormal, pseudo-infinity, pseudo-NaN. */
  static final int UNSUPPORTED = 5;

  static final long TOP = Long.MIN_VALUE;
  private static final long QUIET = 1L << 62;

  int kind;
  boolean negative;
  int exp;
  long sig;
  long lo;
  boolean denormal;

  boolean isNan() {
    return kind >= QNAN;
  }

  void set(Num other) {
    kind = other.kind;
    negative = other.negative;
    exp = other.exp;
    sig = other.sig;
    lo = other.lo;
    denormal = other.denormal;
  }

  void setZero(boolean sign) {
    kind = ZERO;
    negative = sign;
    sig = 0;
    lo = 0;
    exp = 0;
    denormal = false;
  }

  void setInfinity(boolean sign) {
    kind = INFINITY;
    negative = sign;
    sig = TOP;
    lo = 0;
    denormal = false;
  }

  /** The real indefinite QNaN. */
  void setIndefinite() {
    kind = QNAN;
    negative = true;
    sig = TOP | QUIET;
    lo = 0;
    denormal = false;
  }

  void quiet() {
    kind = QNAN;
    sig |= QUIET;
  }

  /** A finite value from a magnitude of any alignment: sign * magnitude * 2^(scale). */
  void setInteger(boolean sign, long magnitude, int scale) {
    if (magnitude == 0) {
      setZero(sign);
      return;
    }
    int shift = Long.numberOfLeadingZeros(magnitude);
    kind = FINITE;
    negative = sign;
    sig = magnitude << shift;
    lo = 0;
    exp = 63 - shift + scale;
    denormal = false;
  }

  private void setNan(long fraction) {
    sig = TOP | fraction;
    lo = 0;
    kind = (fraction & QUIET) != 0 ? QNAN : SNAN;
    denormal = false;
  }

  void unpack64(long bits, boolean daz) {
    int e = (int) (bits >>> 52) & 0x7ff;
    long fraction = bits & 0xf_ffff_ffff_ffffL;
    boolean sign = bits < 0;
    if (e == 0) {
      boolean tiny = fraction != 0 && !daz;
      setInteger(sign, tiny ? fraction : 0, -1074);
      denormal = tiny;
    } else if (e == 0x7ff) {
      negative = sign;
      if (fraction == 0) {
        setInfinity(sign);
      } else {
        setNan(fraction << 11);
      }
    } else {
      setNormal(sign, e - 1023, TOP | fraction << 11);
    }
  }

  void unpack32(int bits, boolean daz) {
    int e = bits >>> 23 & 0xff;
    int fraction = bits & 0x7fffff;
    boolean sign = bits < 0;
    if (e == 0) {
      boolean tiny = fraction != 0 && !daz;
      setInteger(sign, tiny ? fraction : 0, -149);
      denormal = tiny;
    } else if (e == 0xff) {
      negative = sign;
      if (fraction == 0) {
        setInfinity(sign);
      } else {
        setNan((long) fraction << 40);
      }
    } else {
      setNormal(sign, e - 127, TOP | (long) fraction << 40);
    }
  }

  void unpack80(int signExponent, long significand) {
    int e = signExponent & 0x7fff;
    boolean sign = (signExponent & 0x8000) != 0;
    negative = sign;
    denormal = false;
    lo = 0;
    if (e == 0) {
      setInteger(sign, significand, -16382 - 63);
      denormal = significand != 0;
    } else if (significand >= 0) {
      kind = UNSUPPORTED;
      sig = significand;
    } else if (e == 0x7fff) {
      if (significand == TOP) {
        setInfinity(sign);
      } else {
        setNan(significand & ~TOP);
      }
    } else {
      setNormal(sign, e - 16383, significand);
    }
  }

  private void setNormal(boolean sign, int exponent, long significand) {
    kind = FINITE;
    negative = sign;
    exp = exponent;
    sig = significand;
    lo = 0;
    denormal = false;
  }

  long pack64() {
    long sign = negative ? TOP : 0;
    return switch (kind) {
      case ZERO -> sign;
      case FINITE ->
          sign | (sig < 0 ? (long) (exp + 1023) << 52 : 0) | sig >>> 11 & 0xf_ffff_ffff_ffffL;
      default -> sign | 0x7ffL << 52 | sig >>> 11 & 0xf_ffff_ffff_ffffL;
    };
  }

  int pack32() {
    int sign = negative ? Integer.MIN_VALUE : 0;
    int fraction = (int) (sig >>> 40) & 0x7fffff;
    return switch (kind) {
      case ZERO -> sign;
      case FINITE -> sign | (sig < 0 ? exp + 127 << 23 : 0) | fraction;
      default -> sign | 0xff << 23 | fraction;
    };
  }

  int pack16() {
    int sign = negative ? 0x8000 : 0;
    int fraction = (int) (sig >>> 53) & 0x3ff;
    return switch (kind) {
      case ZERO -> sign;
      case FINITE -> sign | (sig < 0 ? exp + 15 << 10 : 0) | fraction;
      default -> sign | 31 << 10 | fraction;
    };
  }

  /** Sign and biased exponent of the 80-bit encoding; the significand is {@link #sig}. */
  int signExponent80() {
    int sign = negative ? 0x8000 : 0;
    return switch (kind) {
      case ZERO -> sign;
      case FINITE -> sign | (sig < 0 ? exp + 16383 : 0);
      default -> sign | 0x7fff;
    };
  }

  /** Shifts the significand right by {@code n}, or-ing lost bits into the lowest. */
  void shiftRightSticky(int n) {
    if (n <= 0) {
      return;
    }
    if (n >= 128) {
      lo = (sig | lo) != 0 ? 1 : 0;
      sig = 0;
    } else if (n >= 64) {
      int m = n - 64;
      boolean lost = lo != 0 || m != 0 && sig << 64 - m != 0;
      lo = sig >>> m | (lost ? 1 : 0);
      sig = 0;
    } else {
      boolean lost = lo << 64 - n != 0;
      lo = lo >>> n | sig << 64 - n | (lost ? 1 : 0);
      sig = sig >>> n;
    }
  }

  /** Shifts the leading bit to the top; the value must not be zero. */
  void normalize() {
    if (sig == 0) {
      sig = lo;
      lo = 0;
      exp -= 64;
    }
    int n = Long.numberOfLeadingZeros(sig);
    if (n != 0) {
      sig = sig << n | lo >>> 64 - n;
      lo <<= n;
      exp -= n;
    }
  }
}
