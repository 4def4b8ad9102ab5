package org.swtdx.cpu.fpu;

/** Conversions and roundings of SSE and AVX between binary32, binary64, binary16 and integers. */
public final class SseConvert {
  private SseConvert() {}

  /** CVTSD2SS. */
  public static int doubleToSingle(FloatUnit u, long bits) {
    u.a.unpack64(bits, u.daz);
    narrow(u);
    u.round32();
    return u.r.pack32();
  }

  /** CVTSS2SD. */
  public static long singleToDouble(FloatUnit u, int bits) {
    u.a.unpack32(bits, u.daz);
    narrow(u);
    return u.r.pack64();
  }

  private static void narrow(FloatUnit u) {
    if (!u.propagateNanUnary()) {
      u.r.set(u.a);
      if (u.a.denormal) {
        u.flags |= FloatUnit.DE;
      }
      u.r.denormal = false;
    }
  }

  /** A signed integer as binary64, rounded. */
  public static long integerToDouble(FloatUnit u, long value) {
    u.r.setInteger(value < 0, Math.abs(value), 0);
    u.round64();
    return u.r.pack64();
  }

  /** A signed integer as binary32, rounded. */
  public static int integerToSingle(FloatUnit u, long value) {
    u.r.setInteger(value < 0, Math.abs(value), 0);
    u.round32();
    return u.r.pack32();
  }

  /** CVTSD2SI and CVTTSD2SI to {@code bits} (32 or 64) bits. */
  public static long doubleToInteger(FloatUnit u, long value, int bits, boolean truncate) {
    u.a.unpack64(value, u.daz);
    return u.toInteger(bits, truncate ? FloatUnit.TRUNCATE : u.rounding);
  }

  /** CVTSS2SI and CVTTSS2SI to {@code bits} (32 or 64) bits. */
  public static long singleToInteger(FloatUnit u, int value, int bits, boolean truncate) {
    u.a.unpack32(value, u.daz);
    return u.toInteger(bits, truncate ? FloatUnit.TRUNCATE : u.rounding);
  }

  private static int roundingOf(FloatUnit u, int imm) {
    return (imm & 4) != 0 ? u.rounding : imm & 3;
  }

  /** ROUNDSD with its immediate: bits 1:0 mode, 2 use MXCSR, 3 suppress the inexact exception. */
  public static long round64(FloatUnit u, long value, int imm) {
    u.a.unpack64(value, u.daz);
    u.roundToIntegral(roundingOf(u, imm), (imm & 8) != 0);
    return u.r.pack64();
  }

  /** ROUNDSS with its immediate. */
  public static int round32(FloatUnit u, int value, int imm) {
    u.a.unpack32(value, u.daz);
    u.roundToIntegral(roundingOf(u, imm), (imm & 8) != 0);
    return u.r.pack32();
  }

  /** RCPSS: relative error below 1.5 * 2^-12; denormals count as zero, no flags. */
  public static int reciprocal(int bits) {
    return approximate(bits, false);
  }

  /** RSQRTSS: relative error below 1.5 * 2^-12; denormals count as zero, no flags. */
  public static int reciprocalSquareRoot(int bits) {
    return approximate(bits, true);
  }

  private static int approximate(int bits, boolean root) {
    int exponent = bits >>> 23 & 0xff;
    int sign = bits & Integer.MIN_VALUE;
    if (exponent == 0) {
      return sign | 0x7f80_0000;
    }
    if (exponent == 0xff && (bits & 0x7f_ffff) != 0) {
      return bits | 0x40_0000;
    }
    if (root && sign != 0) {
      return 0xffc0_0000;
    }
    if (exponent == 0xff) {
      return sign;
    }
    double x = Float.intBitsToFloat(bits);
    float y = (float) (root ? 1 / Math.sqrt(x) : 1 / x);
    // The instructions give twelve significant bits.
    int rounded = Float.floatToRawIntBits(y) + 0x400 & ~0x7ff;
    return (rounded >>> 23 & 0xff) == 0 ? sign : rounded;
  }

  /** VCVTPH2PS for one element; denormals are never flushed, an SNaN sets IE. */
  public static int halfToSingle(FloatUnit u, int half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 31;
    int fraction = half & 0x3ff;
    if (exponent == 31) {
      if (fraction != 0 && fraction < 0x200) {
        u.flags |= FloatUnit.IE;
      }
      return sign | 0x7f80_0000 | (fraction != 0 ? fraction << 13 | 0x40_0000 : 0);
    }
    if (exponent == 0) {
      return sign | Float.floatToRawIntBits(fraction * 0x1p-24f);
    }
    return sign | exponent + 112 << 23 | fraction << 13;
  }

  /** VCVTPS2PH for one element; {@code imm} as ROUNDSS without suppression. FTZ is ignored. */
  public static int singleToHalf(FloatUnit u, int bits, int imm) {
    int savedRounding = u.rounding;
    boolean savedFtz = u.ftz;
    u.rounding = roundingOf(u, imm);
    u.ftz = false;
    u.a.unpack32(bits, u.daz);
    narrow(u);
    u.round16();
    u.rounding = savedRounding;
    u.ftz = savedFtz;
    return u.r.pack16();
  }
}
