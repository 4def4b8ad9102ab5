package org.swtdx.cpu.simd;

/**
 * Packed integer arithmetic on 64 bits: eight bytes, four words, two doublewords or one quadword.
 */
final class Packed {
  private static final long B7F = 0x7f7f_7f7f_7f7f_7f7fL;
  private static final long B80 = ~B7F;
  private static final long W7FFF = 0x7fff_7fff_7fff_7fffL;
  private static final long W8000 = ~W7FFF;
  private static final long D7F = 0x7fff_ffff_7fff_ffffL;
  private static final long D80 = ~D7F;

  private Packed() {}

  /** An operation on one element. */
  @FunctionalInterface
  interface IntOp {
    int apply(int a, int b);
  }

  static long bytes(long a, long b, IntOp op) {
    long r = 0;
    for (int s = 0; s < 64; s += 8) {
      r |= (op.apply((byte) (a >>> s), (byte) (b >>> s)) & 0xffL) << s;
    }
    return r;
  }

  static long words(long a, long b, IntOp op) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      r |= (op.apply((short) (a >>> s), (short) (b >>> s)) & 0xffffL) << s;
    }
    return r;
  }

  static long dwords(long a, long b, IntOp op) {
    int lo = op.apply((int) a, (int) b);
    int hi = op.apply((int) (a >>> 32), (int) (b >>> 32));
    return lo & 0xffff_ffffL | (long) hi << 32;
  }

  static long addBytes(long a, long b) {
    return (a & B7F) + (b & B7F) ^ (a ^ b) & B80;
  }

  static long addWords(long a, long b) {
    return (a & W7FFF) + (b & W7FFF) ^ (a ^ b) & W8000;
  }

  static long addDwords(long a, long b) {
    return (a & D7F) + (b & D7F) ^ (a ^ b) & D80;
  }

  static long subBytes(long a, long b) {
    return (a | B80) - (b & B7F) ^ (a ^ ~b) & B80;
  }

  static long subWords(long a, long b) {
    return (a | W8000) - (b & W7FFF) ^ (a ^ ~b) & W8000;
  }

  static long subDwords(long a, long b) {
    return (a | D80) - (b & D7F) ^ (a ^ ~b) & D80;
  }

  static long equalBytes(long a, long b) {
    long x = a ^ b;
    long zero = ~((x & B7F) + B7F | x | B7F);
    return (zero >>> 7) * 0xff;
  }

  static long equalWords(long a, long b) {
    long x = a ^ b;
    long zero = ~((x & W7FFF) + W7FFF | x | W7FFF);
    return (zero >>> 15) * 0xffff;
  }

  static long equalDwords(long a, long b) {
    long x = a ^ b;
    return ((int) x == 0 ? 0xffff_ffffL : 0) | (x >>> 32 == 0 ? -1L << 32 : 0);
  }

  static long greaterBytes(long a, long b) {
    return bytes(a, b, (x, y) -> x > y ? -1 : 0);
  }

  static long greaterWords(long a, long b) {
    return words(a, b, (x, y) -> x > y ? -1 : 0);
  }

  static long greaterDwords(long a, long b) {
    return dwords(a, b, (x, y) -> x > y ? -1 : 0);
  }

  static int saturateByte(int x) {
    return Math.clamp(x, -128, 127);
  }

  static int saturateWord(int x) {
    return Math.clamp(x, -32768, 32767);
  }

  static int saturateUnsignedByte(int x) {
    return Math.clamp(x, 0, 255);
  }

  static int saturateUnsignedWord(int x) {
    return Math.clamp(x, 0, 65535);
  }

  static long addSaturatedBytes(long a, long b) {
    return bytes(a, b, (x, y) -> saturateByte(x + y));
  }

  static long addSaturatedWords(long a, long b) {
    return words(a, b, (x, y) -> saturateWord(x + y));
  }

  static long subSaturatedBytes(long a, long b) {
    return bytes(a, b, (x, y) -> saturateByte(x - y));
  }

  static long subSaturatedWords(long a, long b) {
    return words(a, b, (x, y) -> saturateWord(x - y));
  }

  static long addUnsignedSaturatedBytes(long a, long b) {
    return bytes(a, b, (x, y) -> Math.min((x & 0xff) + (y & 0xff), 255));
  }

  static long addUnsignedSaturatedWords(long a, long b) {
    return words(a, b, (x, y) -> Math.min((x & 0xffff) + (y & 0xffff), 65535));
  }

  static long subUnsignedSaturatedBytes(long a, long b) {
    return bytes(a, b, (x, y) -> Math.max((x & 0xff) - (y & 0xff), 0));
  }

  static long subUnsignedSaturatedWords(long a, long b) {
    return words(a, b, (x, y) -> Math.max((x & 0xffff) - (y & 0xffff), 0));
  }

  static long averageBytes(long a, long b) {
    return bytes(a, b, (x, y) -> (x & 0xff) + (y & 0xff) + 1 >> 1);
  }

  static long averageWords(long a, long b) {
    return words(a, b, (x, y) -> (x & 0xffff) + (y & 0xffff) + 1 >> 1);
  }

  static long minUnsignedBytes(long a, long b) {
    return bytes(a, b, (x, y) -> Math.min(x & 0xff, y & 0xff));
  }

  static long maxUnsignedBytes(long a, long b) {
    return bytes(a, b, (x, y) -> Math.max(x & 0xff, y & 0xff));
  }

  static long minUnsignedWords(long a, long b) {
    return words(a, b, (x, y) -> Math.min(x & 0xffff, y & 0xffff));
  }

  static long maxUnsignedWords(long a, long b) {
    return words(a, b, (x, y) -> Math.max(x & 0xffff, y & 0xffff));
  }

  static long minUnsignedDwords(long a, long b) {
    return dwords(a, b, (x, y) -> Integer.compareUnsigned(x, y) < 0 ? x : y);
  }

  static long maxUnsignedDwords(long a, long b) {
    return dwords(a, b, (x, y) -> Integer.compareUnsigned(x, y) > 0 ? x : y);
  }

  static long multiplyLow(long a, long b) {
    return words(a, b, (x, y) -> x * y);
  }

  static long multiplyHigh(long a, long b) {
    return words(a, b, (x, y) -> x * y >> 16);
  }

  static long multiplyHighUnsigned(long a, long b) {
    return words(a, b, (x, y) -> (x & 0xffff) * (y & 0xffff) >>> 16);
  }

  static long multiplyHighRounded(long a, long b) {
    return words(a, b, (x, y) -> (x * y >> 14) + 1 >> 1);
  }

  static long multiplyAddWords(long a, long b) {
    int lo = (short) a * (short) b + (short) (a >> 16) * (short) (b >> 16);
    int hi = (short) (a >> 32) * (short) (b >> 32) + (short) (a >> 48) * (short) (b >> 48);
    return lo & 0xffff_ffffL | (long) hi << 32;
  }

  /** PMADDUBSW: unsigned bytes of {@code a} times signed bytes of {@code b}. */
  static long multiplyAddBytes(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      int sum =
          (int) (a >>> s & 0xff) * (byte) (b >>> s)
              + (int) (a >>> s + 8 & 0xff) * (byte) (b >>> s + 8);
      r |= (saturateWord(sum) & 0xffffL) << s;
    }
    return r;
  }

  static long sumOfDifferences(long a, long b) {
    long sum = 0;
    for (int s = 0; s < 64; s += 8) {
      sum += Math.abs((int) (a >>> s & 0xff) - (int) (b >>> s & 0xff));
    }
    return sum;
  }

  /** PSIGN on elements: {@code a} with the sign of {@code b} applied, or zero. */
  static int sign(int a, int b) {
    return b < 0 ? -a : b == 0 ? 0 : a;
  }

  static long shiftLeftWords(long a, long count) {
    return Long.compareUnsigned(count, 15) > 0
        ? 0
        : a << count & 0x0001_0001_0001_0001L * (0xffff << (int) count & 0xffff);
  }

  static long shiftRightWords(long a, long count) {
    return Long.compareUnsigned(count, 15) > 0
        ? 0
        : a >>> count & 0x0001_0001_0001_0001L * (0xffff >>> (int) count);
  }

  static long shiftArithmeticWords(long a, long count) {
    int n = Long.compareUnsigned(count, 15) > 0 ? 15 : (int) count;
    return words(a, 0, (x, y) -> x >> n);
  }

  static long shiftLeftDwords(long a, long count) {
    if (Long.compareUnsigned(count, 31) > 0) {
      return 0;
    }
    int n = (int) count;
    return (int) a << n & 0xffff_ffffL | (a & -1L << 32) << n;
  }

  static long shiftRightDwords(long a, long count) {
    if (Long.compareUnsigned(count, 31) > 0) {
      return 0;
    }
    int n = (int) count;
    return (a & 0xffff_ffffL) >>> n | a >>> n & -1L << 32;
  }

  static long shiftArithmeticDwords(long a, long count) {
    int n = Long.compareUnsigned(count, 31) > 0 ? 31 : (int) count;
    return (int) a >> n & 0xffff_ffffL | a >> n & -1L << 32;
  }

  static long shiftLeftQword(long a, long count) {
    return Long.compareUnsigned(count, 63) > 0 ? 0 : a << count;
  }

  static long shiftRightQword(long a, long count) {
    return Long.compareUnsigned(count, 63) > 0 ? 0 : a >>> count;
  }
}
