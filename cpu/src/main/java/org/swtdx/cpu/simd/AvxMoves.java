package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Broadcasts, lane moves, permutes, masked moves and gathers of AVX and AVX2. */
final class AvxMoves {
  private static final long LOW32 = 0xffff_ffffL;

  private AvxMoves() {}

  private static int halves(Insn i) {
    return i.vectorLength == 0 ? 2 : 4;
  }

  private static void write(Core c, Insn i, int halves) {
    int d = i.reg << 2;
    System.arraycopy(c.vectorScratch, 0, c.vec, d, halves);
    if (halves == 2) {
      SimdHandler.clearUpper(c.vec, d);
    }
  }

  /** VBROADCASTSS/SD, VPBROADCASTB/W/D/Q: the element of {@code bits} bits everywhere. */
  static void broadcast(Core c, Insn i, int bits) {
    long x = i.memory ? SimdHandler.loadPart(c, i, bits / 8) : c.vec[i.rm << 2];
    long pattern =
        switch (bits) {
          case 8 -> (x & 0xff) * 0x0101_0101_0101_0101L;
          case 16 -> (x & 0xffff) * 0x0001_0001_0001_0001L;
          case 32 -> (x & LOW32) * 0x0000_0001_0000_0001L;
          default -> x;
        };
    int halves = halves(i);
    java.util.Arrays.fill(c.vectorScratch, 0, halves, pattern);
    write(c, i, halves);
  }

  /** VBROADCASTF128 and VBROADCASTI128. */
  static void broadcast128(Core c, Insn i) {
    VexOperand.load(c, i, 2);
    c.vectorScratch[2] = c.vectorScratch[0];
    c.vectorScratch[3] = c.vectorScratch[1];
    write(c, i, 4);
  }

  /** VINSERTF128 and VINSERTI128. */
  static void insert128(Core c, Insn i) {
    FloatOps.fetch(c, i, true, 2);
    long lo = c.vectorScratch[0];
    long hi = c.vectorScratch[1];
    System.arraycopy(c.vec, i.vvvv << 2, c.vectorScratch, 0, 4);
    int at = (int) (i.immediate & 1) << 1;
    c.vectorScratch[at] = lo;
    c.vectorScratch[at + 1] = hi;
    write(c, i, 4);
  }

  /** VEXTRACTF128 and VEXTRACTI128. */
  static void extract128(Core c, Insn i) {
    int s = (i.reg << 2) + ((int) (i.immediate & 1) << 1);
    long lo = c.vec[s];
    long hi = c.vec[s + 1];
    if (i.memory) {
      SimdHandler.store128(c, c.address(i, 16, true), lo, hi);
    } else {
      int d = i.rm << 2;
      c.vec[d] = lo;
      c.vec[d + 1] = hi;
      SimdHandler.clearUpper(c.vec, d);
    }
  }

  /** VPERM2F128 and VPERM2I128. */
  static void permute128(Core c, Insn i) {
    FloatOps.fetch(c, i, true, 4);
    long[] t = c.vectorScratch;
    System.arraycopy(t, 0, t, 4, 4);
    int imm = (int) i.immediate;
    for (int lane = 0; lane < 2; lane++) {
      int bits = imm >> 4 * lane;
      int s = (bits & 1) << 1;
      boolean second = (bits & 2) != 0;
      for (int k = 0; k < 2; k++) {
        long x = second ? t[4 + s + k] : c.vec[(i.vvvv << 2) + s + k];
        t[2 * lane + k] = (bits & 8) != 0 ? 0 : x;
      }
    }
    write(c, i, 4);
  }

  /** VPERMQ and VPERMPD. */
  static void permuteQwords(Core c, Insn i) {
    FloatOps.fetch(c, i, true, 4);
    long[] t = c.vectorScratch;
    System.arraycopy(t, 0, t, 4, 4);
    for (int k = 0; k < 4; k++) {
      t[k] = t[4 + ((int) i.immediate >> 2 * k & 3)];
    }
    write(c, i, 4);
  }

  /** VPERMD and VPERMPS: the indices are in VEX.vvvv. */
  static void permuteDwords(Core c, Insn i) {
    FloatOps.fetch(c, i, true, 4);
    long[] t = c.vectorScratch;
    System.arraycopy(t, 0, t, 4, 4);
    int x = i.vvvv << 2;
    for (int k = 0; k < 4; k++) {
      long selectors = c.vec[x + k];
      t[k] = dword(t, (int) selectors & 7) | dword(t, (int) (selectors >>> 32) & 7) << 32;
    }
    write(c, i, 4);
  }

  private static long dword(long[] t, int index) {
    return t[4 + (index >> 1)] >>> (index & 1) * 32 & LOW32;
  }

  /** VPERMILPS with variable selectors, on one lane. */
  static void permuteSingles(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    long y = v[a + 1];
    v[d] = pick(x, y, (int) lo) | pick(x, y, (int) (lo >>> 32)) << 32;
    v[d + 1] = pick(x, y, (int) hi) | pick(x, y, (int) (hi >>> 32)) << 32;
  }

  private static long pick(long x, long y, int selector) {
    return ((selector & 2) != 0 ? y : x) >>> (selector & 1) * 32 & LOW32;
  }

  /** VPERMILPD with variable selectors, on one lane. */
  static void permuteDoubles(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    long y = v[a + 1];
    v[d] = (lo & 2) != 0 ? y : x;
    v[d + 1] = (hi & 2) != 0 ? y : x;
  }

  /** VPERMILPD with an immediate: two bits a lane. */
  static void permuteDoublesBy(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    int bits = imm >> (d & 2);
    v[d] = (bits & 1) != 0 ? hi : lo;
    v[d + 1] = (bits & 2) != 0 ? hi : lo;
  }

  private static boolean selected(long[] v, int m, int element, int size) {
    return size == 8 ? v[m + element] < 0 : v[m + (element >> 1)] << (1 - (element & 1)) * 32 < 0;
  }

  /** VMASKMOVPS/PD and VPMASKMOVD/Q loads: only selected elements are accessed. */
  static void maskedLoad(Core c, Insn i, int size) {
    int halves = halves(i);
    int elements = halves * 8 / size;
    long address = c.address(i, halves * 8, false);
    long[] t = c.vectorScratch;
    java.util.Arrays.fill(t, 0, halves, 0);
    for (int k = 0; k < elements; k++) {
      if (selected(c.vec, i.vvvv << 2, k, size)) {
        long x = c.load(address + (long) k * size, size);
        t[k * size >> 3] |= x << (k * size & 7) * 8;
      }
    }
    write(c, i, halves);
  }

  /** VMASKMOVPS/PD and VPMASKMOVD/Q stores. */
  static void maskedStore(Core c, Insn i, int size) {
    int halves = halves(i);
    int elements = halves * 8 / size;
    long address = c.address(i, halves * 8, true);
    int m = i.vvvv << 2;
    for (int k = 0; k < elements; k++) {
      if (selected(c.vec, m, k, size)) {
        c.probeWrite(address + (long) k * size, size);
      }
    }
    int s = i.reg << 2;
    for (int k = 0; k < elements; k++) {
      if (selected(c.vec, m, k, size)) {
        long x = c.vec[s + (k * size >> 3)] >>> (k * size & 7) * 8;
        c.store(address + (long) k * size, size, x);
      }
    }
  }

  /**
   * VPGATHER and VGATHER: elements of {@code size} bytes at base plus scaled indices of {@code
   * indexSize} bytes. Completed elements stay when a later one faults, as the mask shows.
   */
  static void gather(Core c, Insn i, int size, int indexSize) {
    int elements = Math.min(halves(i) * 8 / size, halves(i) * 8 / indexSize);
    long[] v = c.vec;
    int d = i.reg << 2;
    int m = i.vvvv << 2;
    int x = i.index << 2;
    spread(v, m, size, elements);
    for (int k = 0; k < elements; k++) {
      if (selected(v, m, k, size)) {
        long index = indexSize == 8 ? v[x + k] : (int) (v[x + (k >> 1)] >>> (k & 1) * 32);
        long offset = c.gpr[i.base] + (index << i.scale) + i.displacement & i.addressMask;
        long value = c.load(c.address(i.segment, offset, size, false), size);
        PartMoves.insert(
            v,
            d + (k * size >> 4 << 1),
            d + (k * size >> 4 << 1),
            size * 8,
            k % (16 / size),
            value);
        clearMask(v, m, k, size);
      }
    }
    clearBeyond(v, d, elements * size);
    clearBeyond(v, m, elements * size);
  }

  /** Makes every mask element all ones or zero. */
  private static void spread(long[] v, int m, int size, int elements) {
    for (int k = 0; k < (elements * size + 7 >> 3); k++) {
      v[m + k] = size == 8 ? v[m + k] >> 63 : Sse4.dwordSigns(v[m + k]);
    }
  }

  private static void clearMask(long[] v, int m, int k, int size) {
    if (size == 8) {
      v[m + k] = 0;
    } else {
      v[m + (k >> 1)] &= ~(LOW32 << (k & 1) * 32);
    }
  }

  private static void clearBeyond(long[] v, int d, int bytes) {
    for (int k = bytes >> 3; k < 4; k++) {
      v[d + k] = 0;
    }
  }
}
