package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Flags;

/**
 * Results and flags of shifts and rotates in any operand size. OF, which the SDM defines for counts
 * of 1 only, follows the same formula for all counts, as processors do.
 */
final class ShiftResult {
  private ShiftResult() {}

  /** The result of operation 0 to 7 (ModRM.reg of group 2); zero-extended operand and result. */
  static long compute(Flags flags, int operation, long a, int count, int size) {
    if (count == 0) {
      return a;
    }
    int bits = size * 8;
    return switch (operation) {
      case 0 -> rotateLeft(flags, a, count, bits);
      case 1 -> rotateRight(flags, a, count, bits);
      case 2 -> rotateCarryLeft(flags, a, count % (bits + 1), bits);
      case 3 -> rotateCarryRight(flags, a, count % (bits + 1), bits);
      case 5 -> right(flags, a, count, size);
      case 7 -> arithmeticRight(flags, a, count, size);
      default -> left(flags, a, count, size);
    };
  }

  private static long mask(int bits) {
    return bits == 64 ? -1 : (1L << bits) - 1;
  }

  private static boolean bit(long value, int bit) {
    return bit < 64 && bit >= 0 && (value >>> bit & 1) != 0;
  }

  private static long left(Flags flags, long a, int count, int size) {
    int bits = size * 8;
    long r = count >= 64 ? 0 : a << count & mask(bits);
    boolean cf = bit(a, bits - count);
    flags.shift(Operands.signed(r, size), cf, cf != bit(r, bits - 1));
    return r;
  }

  private static long right(Flags flags, long a, int count, int size) {
    int bits = size * 8;
    long r = a >>> count;
    flags.shift(Operands.signed(r, size), bit(a, count - 1), bit(a, bits - 1));
    return r;
  }

  private static long arithmeticRight(Flags flags, long a, int count, int size) {
    long value = Operands.signed(a, size);
    long r = value >> count;
    flags.shift(Operands.signed(r, size), bit(value, count - 1), false);
    return r & mask(size * 8);
  }

  private static long rotateLeft(Flags flags, long a, int count, int bits) {
    int n = count & bits - 1;
    long r = n == 0 ? a : (a << n | a >>> bits - n) & mask(bits);
    boolean cf = bit(r, 0);
    flags.setCarryOverflow(cf, cf != bit(r, bits - 1));
    return r;
  }

  private static long rotateRight(Flags flags, long a, int count, int bits) {
    int n = count & bits - 1;
    long r = n == 0 ? a : (a >>> n | a << bits - n) & mask(bits);
    boolean cf = bit(r, bits - 1);
    flags.setCarryOverflow(cf, cf != bit(r, bits - 2));
    return r;
  }

  private static long rotateCarryLeft(Flags flags, long a, int count, int bits) {
    long r = a;
    boolean cf = flags.cf();
    for (int i = 0; i < count; i++) {
      boolean out = bit(r, bits - 1);
      r = (r << 1 | (cf ? 1 : 0)) & mask(bits);
      cf = out;
    }
    flags.setCarryOverflow(cf, cf != bit(r, bits - 1));
    return r;
  }

  private static long rotateCarryRight(Flags flags, long a, int count, int bits) {
    long r = a;
    boolean cf = flags.cf();
    for (int i = 0; i < count; i++) {
      boolean out = bit(r, 0);
      r = r >>> 1 | (cf ? 1L << bits - 1 : 0);
      cf = out;
    }
    flags.setCarryOverflow(cf, bit(r, bits - 1) != bit(r, bits - 2));
    return r;
  }

  /** SHLD or SHRD with {@code count} above zero. */
  static long computeDouble(Flags flags, boolean left, long a, long fill, int count, int size) {
    int bits = size * 8;
    int n = count;
    long r;
    boolean cf;
    if (bits == 16) {
      // Counts above 16 shift the operands on as a ring of three words, as processors do.
      long ring = a << 32 | fill << 16 | a;
      r = (left ? ring >>> 32 - n : ring >>> n) & 0xffff;
      cf = left ? bit(ring, 48 - n) : bit(ring, n - 1);
    } else if (left) {
      r = (a << n | fill >>> bits - n) & mask(bits);
      cf = bit(a, bits - n);
    } else {
      r = (a >>> n | fill << bits - n) & mask(bits);
      cf = bit(a, n - 1);
    }
    flags.shift(Operands.signed(r, size), cf, bit(r, bits - 1) != bit(a, bits - 1));
    return r;
  }
}
