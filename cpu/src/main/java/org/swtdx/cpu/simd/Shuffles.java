package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;

/** Interleaves, packs and shuffles of one 128-bit lane, as {@link LaneOp} functions. */
final class Shuffles {
  private static final long LOW32 = 0xffff_ffffL;

  private Shuffles() {}

  /** Spreads the low four bytes to the even bytes. */
  static long spreadBytes(long x) {
    long r = x & LOW32;
    r = (r | r << 16) & 0x0000_ffff_0000_ffffL;
    return (r | r << 8) & 0x00ff_00ff_00ff_00ffL;
  }

  /** Spreads the low two words to the even words. */
  static long spreadWords(long x) {
    return x & 0xffff | (x & 0xffff_0000L) << 16;
  }

  static long interleaveBytes(long a, long b) {
    return spreadBytes(a) | spreadBytes(b) << 8;
  }

  static long interleaveWords(long a, long b) {
    return spreadWords(a) | spreadWords(b) << 16;
  }

  static long interleaveDwords(long a, long b) {
    return a & LOW32 | b << 32;
  }

  static void unpackLowBytes(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    v[d] = interleaveBytes(x, lo);
    v[d + 1] = interleaveBytes(x >>> 32, lo >>> 32);
  }

  static void unpackLowWords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    v[d] = interleaveWords(x, lo);
    v[d + 1] = interleaveWords(x >>> 32, lo >>> 32);
  }

  static void unpackLowDwords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    v[d] = interleaveDwords(x, lo);
    v[d + 1] = interleaveDwords(x >>> 32, lo >>> 32);
  }

  static void unpackLowQwords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    v[d] = v[a];
    v[d + 1] = lo;
  }

  static void unpackHighBytes(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a + 1];
    v[d] = interleaveBytes(x, hi);
    v[d + 1] = interleaveBytes(x >>> 32, hi >>> 32);
  }

  static void unpackHighWords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a + 1];
    v[d] = interleaveWords(x, hi);
    v[d + 1] = interleaveWords(x >>> 32, hi >>> 32);
  }

  static void unpackHighDwords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a + 1];
    v[d] = interleaveDwords(x, hi);
    v[d + 1] = interleaveDwords(x >>> 32, hi >>> 32);
  }

  static void unpackHighQwords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    v[d] = v[a + 1];
    v[d + 1] = hi;
  }

  private static long packWords(long x, Packed.IntOp saturate) {
    long r = 0;
    for (int k = 0; k < 4; k++) {
      r |= (saturate.apply((short) (x >>> 16 * k), 0) & 0xffL) << 8 * k;
    }
    return r;
  }

  private static long packDwords(long x, Packed.IntOp saturate) {
    return saturate.apply((int) x, 0) & 0xffff
        | (saturate.apply((int) (x >>> 32), 0) & 0xffffL) << 16;
  }

  static long packSignedWords(long lo, long hi) {
    return packWords(lo, (x, y) -> Packed.saturateByte(x))
        | packWords(hi, (x, y) -> Packed.saturateByte(x)) << 32;
  }

  static long packUnsignedWords(long lo, long hi) {
    return packWords(lo, (x, y) -> Packed.saturateUnsignedByte(x))
        | packWords(hi, (x, y) -> Packed.saturateUnsignedByte(x)) << 32;
  }

  static long packSignedDwords(long lo, long hi) {
    return packDwords(lo, (x, y) -> Packed.saturateWord(x))
        | packDwords(hi, (x, y) -> Packed.saturateWord(x)) << 32;
  }

  static long packUnsignedDwords(long lo, long hi) {
    return packDwords(lo, (x, y) -> Packed.saturateUnsignedWord(x))
        | packDwords(hi, (x, y) -> Packed.saturateUnsignedWord(x)) << 32;
  }

  /** A lane operation that packs both operands with a function of two halves. */
  static LaneOp packing(HalfOp pack) {
    return (c, v, d, a, lo, hi, imm) -> {
      long low = pack.apply(v[a], v[a + 1]);
      v[d + 1] = pack.apply(lo, hi);
      v[d] = low;
    };
  }

  private static long dword(long lo, long hi, int select) {
    return ((select & 2) != 0 ? hi : lo) >>> (select & 1) * 32 & LOW32;
  }

  private static long word(long x, int select) {
    return x >>> (select & 3) * 16 & 0xffff;
  }

  static long shuffleWords(long x, int imm) {
    return word(x, imm)
        | word(x, imm >> 2) << 16
        | word(x, imm >> 4) << 32
        | word(x, imm >> 6) << 48;
  }

  static void shuffleDwords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    v[d] = dword(lo, hi, imm) | dword(lo, hi, imm >> 2) << 32;
    v[d + 1] = dword(lo, hi, imm >> 4) | dword(lo, hi, imm >> 6) << 32;
  }

  static void shuffleLowWords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    v[d] = shuffleWords(lo, imm);
    v[d + 1] = hi;
  }

  static void shuffleHighWords(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    v[d] = lo;
    v[d + 1] = shuffleWords(hi, imm);
  }

  static void shuffleSingles(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    long y = v[a + 1];
    v[d] = dword(x, y, imm) | dword(x, y, imm >> 2) << 32;
    v[d + 1] = dword(lo, hi, imm >> 4) | dword(lo, hi, imm >> 6) << 32;
  }

  static void shuffleDoubles(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    int bits = imm >> (d & 2);
    v[d] = (bits & 1) != 0 ? v[a + 1] : v[a];
    v[d + 1] = (bits & 2) != 0 ? hi : lo;
  }

  static void shuffleBytes(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    long y = v[a + 1];
    v[d] = pickBytes(x, y, lo);
    v[d + 1] = pickBytes(x, y, hi);
  }

  private static long pickBytes(long x, long y, long selectors) {
    long r = 0;
    for (int s = 0; s < 64; s += 8) {
      int k = (int) (selectors >>> s) & 0xff;
      if (k < 0x80) {
        r |= (((k & 8) != 0 ? y : x) >>> (k & 7) * 8 & 0xff) << s;
      }
    }
    return r;
  }

  /** PALIGNR: bytes imm to imm + 15 of first:second. */
  static void alignRight(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    long y = v[a + 1];
    v[d] = fourWords(lo, hi, x, y, imm);
    v[d + 1] = fourWords(lo, hi, x, y, imm + 8);
  }

  /** Eight bytes at byte offset {@code n} of the 32-byte value, zeros beyond it. */
  private static long fourWords(long w0, long w1, long w2, long w3, int n) {
    int k = n >> 3;
    int s = (n & 7) * 8;
    long low = pick(w0, w1, w2, w3, k);
    return s == 0 ? low : low >>> s | pick(w0, w1, w2, w3, k + 1) << 64 - s;
  }

  private static long pick(long w0, long w1, long w2, long w3, int k) {
    return switch (k) {
      case 0 -> w0;
      case 1 -> w1;
      case 2 -> w2;
      case 3 -> w3;
      default -> 0;
    };
  }

  static void byteShiftLeft(long[] v, int d, int s, int imm) {
    int n = Math.min(imm, 16);
    long lo = v[s];
    long hi = v[s + 1];
    v[d] = fourWords(0, 0, lo, hi, 16 - n);
    v[d + 1] = fourWords(0, 0, lo, hi, 24 - n);
  }

  static void byteShiftRight(long[] v, int d, int s, int imm) {
    int n = Math.min(imm, 16);
    long lo = v[s];
    long hi = v[s + 1];
    v[d] = fourWords(lo, hi, 0, 0, n);
    v[d + 1] = fourWords(lo, hi, 0, 0, n + 8);
  }
}
