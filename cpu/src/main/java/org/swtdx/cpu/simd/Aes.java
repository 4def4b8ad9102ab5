package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;

/**
 * The AES-NI rounds (FIPS 197) on one lane: byte 4c + r of the register is row r, column c. Tables
 * are computed from the field arithmetic at start.
 */
final class Aes {
  private static final int[] SUBSTITUTE = new int[256];
  private static final int[] INVERSE = new int[256];

  /** SubBytes and the row-0 contribution to MixColumns. */
  private static final int[] ENCRYPT = new int[256];

  /** InvSubBytes and the row-0 contribution to InvMixColumns. */
  private static final int[] DECRYPT = new int[256];

  static {
    for (int x = 0; x < 256; x++) {
      int y = inverse(x);
      int s = y ^ rotate(y, 1) ^ rotate(y, 2) ^ rotate(y, 3) ^ rotate(y, 4) ^ 0x63;
      SUBSTITUTE[x] = s;
      INVERSE[s] = x;
    }
    for (int x = 0; x < 256; x++) {
      int s = SUBSTITUTE[x];
      ENCRYPT[x] = multiply(s, 2) | s << 8 | s << 16 | multiply(s, 3) << 24;
      int i = INVERSE[x];
      DECRYPT[x] =
          multiply(i, 14) | multiply(i, 9) << 8 | multiply(i, 13) << 16 | multiply(i, 11) << 24;
    }
  }

  private Aes() {}

  private static int rotate(int x, int n) {
    return (x << n | x >> 8 - n) & 0xff;
  }

  /** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
  private static int multiply(int a, int b) {
    int r = 0;
    for (int k = 0; k < 8; k++) {
      if ((b >> k & 1) != 0) {
        r ^= a;
      }
      a = a << 1 ^ ((a & 0x80) != 0 ? 0x11b : 0);
    }
    return r & 0xff;
  }

  private static int inverse(int x) {
    int r = 1;
    // x^254 is the inverse in a group of order 255, and maps 0 to 0.
    for (int k = 0; k < 254; k++) {
      r = multiply(r, x);
    }
    return r;
  }

  private static int at(long lo, long hi, int index) {
    return (int) ((index < 8 ? lo : hi) >>> 8 * (index & 7)) & 0xff;
  }

  /** One column of a round: {@code step} is +1 for ShiftRows, -1 for its inverse. */
  private static int column(int[] table, long lo, long hi, int c, int step) {
    int r = 0;
    for (int row = 0; row < 4; row++) {
      int from = 4 * (c + step * row & 3) + row;
      r ^= Integer.rotateLeft(table[at(lo, hi, from)], 8 * row);
    }
    return r;
  }

  private static int lastColumn(int[] table, long lo, long hi, int c, int step) {
    int r = 0;
    for (int row = 0; row < 4; row++) {
      int from = 4 * (c + step * row & 3) + row;
      r |= table[at(lo, hi, from)] << 8 * row;
    }
    return r;
  }

  private static long pair(int lo, int hi) {
    return lo & 0xffff_ffffL | (long) hi << 32;
  }

  /** A full round with the key {@code lo:hi}. */
  static LaneOp round(boolean encrypt) {
    int[] table = encrypt ? ENCRYPT : DECRYPT;
    int step = encrypt ? 1 : -1;
    return (c, v, d, a, lo, hi, imm) -> {
      long x = v[a];
      long y = v[a + 1];
      v[d] = lo ^ pair(column(table, x, y, 0, step), column(table, x, y, 1, step));
      v[d + 1] = hi ^ pair(column(table, x, y, 2, step), column(table, x, y, 3, step));
    };
  }

  /** The last round: no MixColumns. */
  static LaneOp lastRound(boolean encrypt) {
    int[] table = encrypt ? SUBSTITUTE : INVERSE;
    int step = encrypt ? 1 : -1;
    return (c, v, d, a, lo, hi, imm) -> {
      long x = v[a];
      long y = v[a + 1];
      v[d] = lo ^ pair(lastColumn(table, x, y, 0, step), lastColumn(table, x, y, 1, step));
      v[d + 1] = hi ^ pair(lastColumn(table, x, y, 2, step), lastColumn(table, x, y, 3, step));
    };
  }

  private static int inverseMix(int column) {
    int r = 0;
    for (int row = 0; row < 4; row++) {
      int x = column >>> 8 * row & 0xff;
      r ^= Integer.rotateLeft(DECRYPT[SUBSTITUTE[x]], 8 * row);
    }
    return r;
  }

  /** AESIMC. */
  static void inverseMixColumns(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    v[d] = pair(inverseMix((int) lo), inverseMix((int) (lo >>> 32)));
    v[d + 1] = pair(inverseMix((int) hi), inverseMix((int) (hi >>> 32)));
  }

  private static int substituteWord(int w) {
    return SUBSTITUTE[w & 0xff]
        | SUBSTITUTE[w >>> 8 & 0xff] << 8
        | SUBSTITUTE[w >>> 16 & 0xff] << 16
        | SUBSTITUTE[w >>> 24] << 24;
  }

  /** AESKEYGENASSIST. */
  static void keyAssist(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    int x1 = substituteWord((int) (lo >>> 32));
    int x3 = substituteWord((int) (hi >>> 32));
    v[d] = pair(x1, Integer.rotateRight(x1, 8) ^ imm);
    v[d + 1] = pair(x3, Integer.rotateRight(x3, 8) ^ imm);
  }

  /** PCLMULQDQ: imm bits 0 and 4 choose the halves. */
  static void carrylessMultiply(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a + (imm & 1)];
    long y = (imm & 0x10) != 0 ? hi : lo;
    long low = 0;
    long high = 0;
    for (int k = 0; k < 64; k++) {
      long keep = -(y >>> k & 1);
      low ^= x << k & keep;
      high ^= k == 0 ? 0 : x >>> 64 - k & keep;
    }
    v[d] = low;
    v[d + 1] = high;
  }
}
