package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;

/** The SHA extensions (FIPS 180-4): operands are four words, the first in the highest position. */
final class Sha {
  private static final int[] CONSTANTS = {0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6};

  private Sha() {}

  private static int low(long x) {
    return (int) x;
  }

  private static int high(long x) {
    return (int) (x >>> 32);
  }

  private static long pair(int lo, int hi) {
    return lo & 0xffff_ffffL | (long) hi << 32;
  }

  private static int choose(int x, int y, int z) {
    return x & y ^ ~x & z;
  }

  private static int majority(int x, int y, int z) {
    return x & y ^ x & z ^ y & z;
  }

  private static int mix(int kind, int b, int c, int d) {
    return switch (kind) {
      case 0 -> choose(b, c, d);
      case 2 -> majority(b, c, d);
      default -> b ^ c ^ d;
    };
  }

  static void sha1Rounds(Core core, long[] v, int dst, int src, long lo, long hi, int imm) {
    int kind = imm & 3;
    int a = high(v[src + 1]);
    int b = low(v[src + 1]);
    int c = high(v[src]);
    int d = low(v[src]);
    int e = 0;
    int[] w = {high(hi), low(hi), high(lo), low(lo)};
    for (int k = 0; k < 4; k++) {
      int next = mix(kind, b, c, d) + Integer.rotateLeft(a, 5) + w[k] + e + CONSTANTS[kind];
      e = d;
      d = c;
      c = Integer.rotateLeft(b, 30);
      b = a;
      a = next;
    }
    v[dst] = pair(d, c);
    v[dst + 1] = pair(b, a);
  }

  static void sha1NextE(Core core, long[] v, int d, int a, long lo, long hi, int imm) {
    int e = Integer.rotateLeft(high(v[a + 1]), 30);
    v[d] = lo;
    v[d + 1] = pair(low(hi), high(hi) + e);
  }

  static void sha1Message1(Core core, long[] v, int d, int a, long lo, long hi, int imm) {
    long low = v[a] ^ hi;
    long high = v[a + 1] ^ v[a];
    v[d] = low;
    v[d + 1] = high;
  }

  static void sha1Message2(Core core, long[] v, int d, int a, long lo, long hi, int imm) {
    int w16 = Integer.rotateLeft(high(v[a + 1]) ^ low(hi), 1);
    int w17 = Integer.rotateLeft(low(v[a + 1]) ^ high(lo), 1);
    int w18 = Integer.rotateLeft(high(v[a]) ^ low(lo), 1);
    int w19 = Integer.rotateLeft(low(v[a]) ^ w16, 1);
    v[d] = pair(w19, w18);
    v[d + 1] = pair(w17, w16);
  }

  static void sha256Rounds(Core core, long[] v, int dst, int src, long lo, long hi, int imm) {
    int a = high(hi);
    int b = low(hi);
    int c = high(v[src + 1]);
    int d = low(v[src + 1]);
    int e = high(lo);
    int f = low(lo);
    int g = high(v[src]);
    int h = low(v[src]);
    int[] wk = {low(v[0]), high(v[0])};
    for (int k = 0; k < 2; k++) {
      int t1 = h + sum1(e) + choose(e, f, g) + wk[k];
      int t2 = sum0(a) + majority(a, b, c);
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    v[dst] = pair(f, e);
    v[dst + 1] = pair(b, a);
  }

  private static int sum0(int x) {
    return Integer.rotateRight(x, 2) ^ Integer.rotateRight(x, 13) ^ Integer.rotateRight(x, 22);
  }

  private static int sum1(int x) {
    return Integer.rotateRight(x, 6) ^ Integer.rotateRight(x, 11) ^ Integer.rotateRight(x, 25);
  }

  private static int sigma0(int x) {
    return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
  }

  private static int sigma1(int x) {
    return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ x >>> 10;
  }

  static void sha256Message1(Core core, long[] v, int d, int a, long lo, long hi, int imm) {
    long x = v[a];
    long y = v[a + 1];
    v[d] = pair(low(x) + sigma0(high(x)), high(x) + sigma0(low(y)));
    v[d + 1] = pair(low(y) + sigma0(high(y)), high(y) + sigma0(low(lo)));
  }

  static void sha256Message2(Core core, long[] v, int d, int a, long lo, long hi, int imm) {
    int w16 = low(v[a]) + sigma1(low(hi));
    int w17 = high(v[a]) + sigma1(high(hi));
    int w18 = low(v[a + 1]) + sigma1(w16);
    int w19 = high(v[a + 1]) + sigma1(w17);
    v[d] = pair(w16, w17);
    v[d + 1] = pair(w18, w19);
  }
}
