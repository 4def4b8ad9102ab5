package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Moves of vector parts: halves, general registers, masks, single elements. */
final class PartMoves {
  private static final long LOW32 = 0xffff_ffffL;

  private PartMoves() {}

  /** MOVLPS, MOVLPD, MOVHLPS: low half from memory or from a high half. */
  static void loadLow(Core c, Insn i, boolean vex) {
    long[] v = c.vec;
    int d = i.reg << 2;
    int a = vex ? i.vvvv << 2 : d;
    long low = i.memory ? SimdHandler.loadPart(c, i, 8) : v[(i.rm << 2) + 1];
    v[d + 1] = v[a + 1];
    v[d] = low;
    finish(v, d, vex);
  }

  /** MOVHPS, MOVHPD, MOVLHPS: high half from memory or from a low half. */
  static void loadHigh(Core c, Insn i, boolean vex) {
    long[] v = c.vec;
    int d = i.reg << 2;
    int a = vex ? i.vvvv << 2 : d;
    long high = i.memory ? SimdHandler.loadPart(c, i, 8) : v[i.rm << 2];
    v[d] = v[a];
    v[d + 1] = high;
    finish(v, d, vex);
  }

  private static void finish(long[] v, int d, boolean vex) {
    if (vex) {
      SimdHandler.clearUpper(v, d);
    }
  }

  /** Stores the low (0) or high (1) half: MOVLPS, MOVHPS, MOVQ to memory. */
  static void storeHalf(Core c, Insn i, int half) {
    c.store64(c.address(i, 8, true), c.vec[(i.reg << 2) + half]);
  }

  /** MOVQ xmm, xmm/m64. */
  static void loadQuadword(Core c, Insn i, boolean vex) {
    long[] v = c.vec;
    int d = i.reg << 2;
    v[d] = i.memory ? SimdHandler.loadPart(c, i, 8) : v[i.rm << 2];
    v[d + 1] = 0;
    finish(v, d, vex);
  }

  /** MOVQ xmm/m64, xmm. */
  static void storeQuadword(Core c, Insn i, boolean vex) {
    if (i.memory) {
      storeHalf(c, i, 0);
    } else {
      long[] v = c.vec;
      int d = i.rm << 2;
      v[d] = v[i.reg << 2];
      v[d + 1] = 0;
      finish(v, d, vex);
    }
  }

  /** A doubleword or, with W in 64-bit mode, quadword from a general register or memory. */
  static long fromGeneral(Core c, Insn i) {
    boolean wide = i.has(Insn.W) && i.is64();
    if (i.memory) {
      return SimdHandler.loadPart(c, i, wide ? 8 : 4);
    }
    return wide ? c.gpr[i.rm] : c.gpr[i.rm] & LOW32;
  }

  /** Writes a doubleword or, with W in 64-bit mode, quadword to a general register or memory. */
  static void toGeneral(Core c, Insn i, long value) {
    boolean wide = i.has(Insn.W) && i.is64();
    if (i.memory) {
      int size = wide ? 8 : 4;
      c.store(c.address(i, size, true), size, value);
    } else {
      c.gpr[i.rm] = wide ? value : value & LOW32;
    }
  }

  /** MOVD, MOVQ xmm, r/m. */
  static void loadGeneral(Core c, Insn i, boolean vex) {
    long value = fromGeneral(c, i);
    int d = i.reg << 2;
    c.vec[d] = value;
    c.vec[d + 1] = 0;
    finish(c.vec, d, vex);
  }

  /** MOVD, MOVQ r/m, xmm. */
  static void storeGeneral(Core c, Insn i) {
    toGeneral(c, i, c.vec[i.reg << 2]);
  }

  static void moveMaskSingles(Core c, Insn i) {
    long mask = 0;
    int s = i.rm << 2;
    for (int k = i.vectorLength == 0 ? 1 : 3; k >= 0; k--) {
      long x = c.vec[s + k];
      mask = mask << 2 | x >>> 62 & 2 | x >>> 31 & 1;
    }
    c.gpr[i.reg] = mask;
  }

  static void moveMaskDoubles(Core c, Insn i) {
    long mask = 0;
    int s = i.rm << 2;
    for (int k = i.vectorLength == 0 ? 1 : 3; k >= 0; k--) {
      mask = mask << 1 | c.vec[s + k] >>> 63;
    }
    c.gpr[i.reg] = mask;
  }

  /** The top bits of eight bytes, gathered. */
  static long byteMask(long x) {
    return ((x & 0x8080_8080_8080_8080L) >>> 7) * 0x0102_0408_1020_4080L >>> 56;
  }

  static void moveMaskBytes(Core c, Insn i) {
    long mask = 0;
    int s = i.rm << 2;
    for (int k = i.vectorLength == 0 ? 1 : 3; k >= 0; k--) {
      mask = mask << 8 | byteMask(c.vec[s + k]);
    }
    c.gpr[i.reg] = mask;
  }

  /** MASKMOVDQU, MASKMOVQ: stores the bytes of {@code lo:hi} whose mask bit is set at DS:rDI. */
  static void maskedStore(Core c, Insn i, long lo, long hi, int mask, int size) {
    long address = c.address(i.segment, c.gpr[7] & i.addressMask, size, true);
    for (int k = 0; k < size; k++) {
      if ((mask >> k & 1) != 0) {
        c.probeWrite(address + k, 1);
      }
    }
    for (int k = 0; k < size; k++) {
      if ((mask >> k & 1) != 0) {
        c.store8(address + k, (int) ((k < 8 ? lo : hi) >>> (k & 7) * 8));
      }
    }
  }

  static void maskMoveDoubleQuad(Core c, Insn i) {
    long[] v = c.vec;
    int m = i.rm << 2;
    int s = i.reg << 2;
    int mask = (int) (byteMask(v[m]) | byteMask(v[m + 1]) << 8);
    maskedStore(c, i, v[s], v[s + 1], mask, 16);
  }

  /** Replaces element {@code index} of {@code bits} bits in a copy of the first source. */
  static void insert(long[] v, int d, int a, int bits, int index, long value) {
    int perHalf = 64 / bits;
    int half = index / perHalf & 1;
    int shift = index % perHalf * bits;
    long mask = bits == 64 ? -1 : (1L << bits) - 1;
    long lo = v[a];
    long hi = v[a + 1];
    long merged = (half == 0 ? lo : hi) & ~(mask << shift) | (value & mask) << shift;
    v[d] = half == 0 ? merged : lo;
    v[d + 1] = half == 0 ? hi : merged;
  }

  /** Element {@code index} of {@code bits} bits, zero-extended. */
  static long extract(long[] v, int s, int bits, int index) {
    int perHalf = 64 / bits;
    long x = v[s + (index / perHalf & 1)] >>> index % perHalf * bits;
    return bits == 64 ? x : x & (1L << bits) - 1;
  }

  /** PINSRB, PINSRW, PINSRD, PINSRQ. */
  static void insertElement(Core c, Insn i, int bits, boolean vex) {
    long value = i.memory ? SimdHandler.loadPart(c, i, bits / 8) : c.gpr[i.rm];
    int d = i.reg << 2;
    insert(c.vec, d, vex ? i.vvvv << 2 : d, bits, (int) i.immediate & 128 / bits - 1, value);
    finish(c.vec, d, vex);
  }

  /** PEXTRB, PEXTRW (0F3A), PEXTRD, PEXTRQ, EXTRACTPS: r/m is the destination. */
  static void extractElement(Core c, Insn i, int bits) {
    long value = extract(c.vec, i.reg << 2, bits, (int) i.immediate & 128 / bits - 1);
    if (i.memory) {
      c.store(c.address(i, bits / 8, true), bits / 8, value);
    } else {
      c.gpr[i.rm] = value;
    }
  }

  /** PEXTRW of map 0F: the general register is ModRM.reg. */
  static void extractWord(Core c, Insn i) {
    c.gpr[i.reg] = extract(c.vec, i.rm << 2, 16, (int) i.immediate & 7);
  }

  /** INSERTPS: count_s, count_d and zero mask in the immediate. */
  static void insertSingle(Core c, Insn i, boolean vex) {
    int imm = (int) i.immediate & 0xff;
    long value = i.memory ? SimdHandler.loadPart(c, i, 4) : extract(c.vec, i.rm << 2, 32, imm >> 6);
    int d = i.reg << 2;
    long[] v = c.vec;
    insert(v, d, vex ? i.vvvv << 2 : d, 32, imm >> 4 & 3, value);
    for (int k = 0; k < 4; k++) {
      if ((imm >> k & 1) != 0) {
        insert(v, d, d, 32, k, 0);
      }
    }
    finish(v, d, vex);
  }
}
