package org.swtdx.cpu.fpu;

/** Fused multiply-add on raw bits: one rounding, x86 NaN selection in the order x, y, z. */
public final class SseFma {
  private SseFma() {}

  /** Returns ±(x * y) ± z in binary64. */
  public static long fma64(
      FloatUnit u, long x, long y, long z, boolean negateProduct, boolean negateAddend) {
    if (u.hostExact && ordinary64(x) && ordinary64(y) && ordinary64(z)) {
      long r = host64(x, y, z, negateProduct, negateAddend);
      if ((int) (r >>> 52 & 0x7ff) - 2 >>> 2 < 0x1ff) {
        return r;
      }
    }
    u.a.unpack64(x, u.daz);
    u.b.unpack64(y, u.daz);
    u.c.unpack64(z, u.daz);
    if (!u.propagateNanTernary()) {
      u.multiplyAdd(negateProduct, negateAddend);
      u.round64();
    }
    return u.r.pack64();
  }

  private static long host64(long x, long y, long z, boolean negateProduct, boolean negateAddend) {
    double a = Double.longBitsToDouble(x);
    double b = Double.longBitsToDouble(z);
    double result =
        Math.fma(negateProduct ? -a : a, Double.longBitsToDouble(y), negateAddend ? -b : b);
    return Double.doubleToRawLongBits(result);
  }

  private static boolean ordinary64(long bits) {
    return (int) (bits >>> 52 & 0x7ff) - 1 >>> 1 < 0x3ff;
  }

  /** Returns ±(x * y) ± z in binary32. */
  public static int fma32(
      FloatUnit u, int x, int y, int z, boolean negateProduct, boolean negateAddend) {
    u.a.unpack32(x, u.daz);
    u.b.unpack32(y, u.daz);
    u.c.unpack32(z, u.daz);
    if (!u.propagateNanTernary()) {
      u.multiplyAdd(negateProduct, negateAddend);
      u.round32();
    }
    return u.r.pack32();
  }
}
