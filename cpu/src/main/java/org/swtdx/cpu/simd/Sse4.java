package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;

/** Operations that SSSE3 and SSE4.1 added, as half-wise and lane-wise functions. */
final class Sse4 {
  private static final long LOW32 = 0xffff_ffffL;

  private Sse4() {}

  /** Sums (or differences) of neighbouring words of two quadwords, the first one's first. */
  static long horizontalWords(long x, long y, Packed.IntOp op) {
    return word(op.apply((short) x, (short) (x >> 16)), 0)
        | word(op.apply((short) (x >> 32), (short) (x >> 48)), 16)
        | word(op.apply((short) y, (short) (y >> 16)), 32)
        | word(op.apply((short) (y >> 32), (short) (y >> 48)), 48);
  }

  private static long word(int value, int shift) {
    return (value & 0xffffL) << shift;
  }

  static long horizontalDwords(long x, long y, Packed.IntOp op) {
    return op.apply((int) x, (int) (x >> 32)) & LOW32
        | (long) op.apply((int) y, (int) (y >> 32)) << 32;
  }

  /** PSHUFB on MMX registers. */
  static long shuffleBytes(long a, long selectors) {
    long r = 0;
    for (int s = 0; s < 64; s += 8) {
      int k = (int) (selectors >>> s) & 0xff;
      if (k < 0x80) {
        r |= (a >>> (k & 7) * 8 & 0xff) << s;
      }
    }
    return r;
  }

  /** PALIGNR on MMX registers: {@code a} above {@code b}. */
  static long alignRight(long a, long b, int imm) {
    int s = 8 * imm;
    if (s < 64) {
      return s == 0 ? b : b >>> s | a << 64 - s;
    }
    return s < 128 ? a >>> s - 64 : 0;
  }

  /** All bits of each byte from its top bit. */
  static long byteSigns(long mask) {
    return (mask >>> 7 & 0x0101_0101_0101_0101L) * 0xff;
  }

  /** All bits of each doubleword from its top bit. */
  static long dwordSigns(long mask) {
    return (int) mask >> 31 & LOW32 | mask >> 63 << 32;
  }

  static long qwordSigns(long mask) {
    return mask >> 63;
  }

  static long blend(long a, long b, long mask) {
    return a & ~mask | b & mask;
  }

  private static long wordMask(int bits) {
    return ((bits & 1) != 0 ? 0xffffL : 0)
        | ((bits & 2) != 0 ? 0xffff_0000L : 0)
        | ((bits & 4) != 0 ? 0xffffL << 32 : 0)
        | ((bits & 8) != 0 ? 0xffffL << 48 : 0);
  }

  static long dwordMask(int bits) {
    return ((bits & 1) != 0 ? LOW32 : 0) | ((bits & 2) != 0 ? LOW32 << 32 : 0);
  }

  static void blendWords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    v[d] = blend(v[a], lo, wordMask(imm));
    v[d + 1] = blend(v[a + 1], hi, wordMask(imm >> 4));
  }

  static void blendSingles(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    int bits = imm >> (d & 2) * 2;
    v[d] = blend(v[a], lo, dwordMask(bits));
    v[d + 1] = blend(v[a + 1], hi, dwordMask(bits >> 2));
  }

  static void blendDoubles(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    int bits = imm >> (d & 2);
    v[d] = (bits & 1) != 0 ? lo : v[a];
    v[d + 1] = (bits & 2) != 0 ? hi : v[a + 1];
  }

  /** PMULDQ. */
  static long multiplySigned(long a, long b) {
    return (long) (int) a * (int) b;
  }

  /** PHMINPOSUW. */
  static void minimumPosition(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    int best = 0x10000;
    int at = 0;
    for (int k = 0; k < 8; k++) {
      int w = (int) ((k < 4 ? lo : hi) >>> 16 * (k & 3)) & 0xffff;
      if (w < best) {
        best = w;
        at = k;
      }
    }
    v[d] = best | (long) at << 16;
    v[d + 1] = 0;
  }

  /** MPSADBW: the upper lane of a YMM uses immediate bits 5:3. */
  static void sumsOfDifferences(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    int bits = (d & 2) == 0 ? imm : imm >> 3;
    long x = v[a];
    long y = v[a + 1];
    int block = (bits & 3) * 32;
    long reference = (block < 64 ? lo : hi) >>> (block & 63) & LOW32;
    int offset = (bits & 4) != 0 ? 4 : 0;
    long r0 = 0;
    long r1 = 0;
    for (int k = 0; k < 8; k++) {
      long sum = 0;
      for (int j = 0; j < 4; j++) {
        int at = offset + k + j;
        long p = (at < 8 ? x : y) >>> 8 * (at & 7) & 0xff;
        sum += Math.abs(p - (reference >>> 8 * j & 0xff));
      }
      if (k < 4) {
        r0 |= sum << 16 * k;
      } else {
        r1 |= sum << 16 * (k - 4);
      }
    }
    v[d] = r0;
    v[d + 1] = r1;
  }

  /** One step of widening: how many source bits an element has, and its extension. */
  private static long element(long x, int bits, boolean signed) {
    return signed ? x << 64 - bits >> 64 - bits : x & (1L << bits) - 1;
  }

  /** PMOVSX and PMOVZX: {@code count} elements of {@code from} bits to 64 bits of result. */
  static long widen(long x, int from, int to, boolean signed) {
    long r = 0;
    for (int s = 0, at = 0; s < 64; s += to, at += from) {
      long e = element(x >>> at, from, signed);
      r |= to == 64 ? e : (e & (1L << to) - 1) << s;
    }
    return r;
  }

  /** PTEST, VTESTPS, VTESTPD: ZF and CF of the bits that {@code sign} keeps. */
  static void test(Core c, Insn i, boolean vex, long keep) {
    int halves = i.vectorLength == 0 ? 2 : 4;
    FloatOps.fetch(c, i, vex, halves);
    long and = 0;
    long andNot = 0;
    for (int k = 0; k < halves; k++) {
      long x = c.vec[(i.reg << 2) + k];
      long y = c.vectorScratch[k];
      and |= x & y & keep;
      andNot |= ~x & y & keep;
    }
    c.flags.setStatus((and == 0 ? Flags.ZF : 0) | (andNot == 0 ? Flags.CF : 0));
  }
}
