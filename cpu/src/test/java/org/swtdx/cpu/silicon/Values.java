package org.swtdx.cpu.silicon;

import java.util.SplittableRandom;

/** Random values that are often special ones. */
final class Values {
  private static final long[] INTEGERS = {
    0,
    1,
    -1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    0x0123_4567_89ab_cdefL
  };
  private static final int[] SINGLES = {
    0, 0x8000_0000, 0x3f80_0000, 0xbf80_0000, 0x7f80_0000, 0xff80_0000, 0x7fc0_0001, 0x7f80_0001,
    0xffc1_2345, 0xff91_2345, 1, 0x8000_0001, 0x007f_ffff, 0x0080_0000, 0x7f7f_ffff, 0x3f80_0001,
    0x4000_0000, 0x4f00_0000, 0xcf00_0000, 0x5f00_0000, 0x3f00_0000, 0x4b80_0001
  };
  private static final long[] DOUBLES = {
    0,
    Long.MIN_VALUE,
    0x3ff0_0000_0000_0000L,
    0xbff0_0000_0000_0000L,
    0x7ff0_0000_0000_0000L,
    0xfff0_0000_0000_0000L,
    0x7ff8_0000_0000_0001L,
    0x7ff0_0000_0000_0001L,
    0xfff8_1234_5678_9abcL,
    0xfff1_2345_6789_abcdL,
    1,
    0x8000_0000_0000_0001L,
    0x000f_ffff_ffff_ffffL,
    0x0010_0000_0000_0000L,
    0x7fef_ffff_ffff_ffffL,
    0x3ff0_0000_0000_0001L,
    0x4000_0000_0000_0000L,
    0x41df_ffff_ffc0_0000L,
    0x41e0_0000_0000_0000L,
    0xc1e0_0000_0020_0000L,
    0x43e0_0000_0000_0000L,
    0xc3e0_0000_0000_0000L,
    0x3fe0_0000_0000_0000L,
    0x3810_0000_0000_0000L,
    0x36a0_0000_0000_0000L,
    0x47ef_ffff_f000_0000L
  };

  private Values() {}

  static long integer(SplittableRandom r) {
    return switch (r.nextInt(4)) {
      case 0 -> INTEGERS[r.nextInt(INTEGERS.length)];
      case 1 -> r.nextLong() >> r.nextInt(64);
      default -> r.nextLong();
    };
  }

  static int single(SplittableRandom r) {
    return switch (r.nextInt(5)) {
      case 0 -> SINGLES[r.nextInt(SINGLES.length)];
      case 1 -> Float.floatToRawIntBits(r.nextInt(-1000, 1000) / 4f);
      case 2 -> r.nextInt() & 0x807f_ffff | r.nextInt(100, 150) << 23;
      case 3 -> SINGLES[r.nextInt(SINGLES.length)] + r.nextInt(-3, 4);
      default -> r.nextInt();
    };
  }

  static long dual(SplittableRandom r) {
    return switch (r.nextInt(6)) {
      case 0 -> DOUBLES[r.nextInt(DOUBLES.length)];
      case 1 -> Double.doubleToRawLongBits(r.nextInt(-1000, 1000) / 4.0);
      case 2 -> r.nextLong() & 0x800f_ffff_ffff_ffffL | r.nextLong(1000, 1050) << 52;
      case 3 -> DOUBLES[r.nextInt(DOUBLES.length)] + r.nextInt(-3, 4);
      case 4 -> r.nextLong() & 0x800f_ffff_ffff_ffffL | r.nextLong(860, 910) << 52;
      default -> r.nextLong();
    };
  }

  static long vector(SplittableRandom r) {
    return switch (r.nextInt(4)) {
      case 0 -> integer(r);
      case 1 -> dual(r);
      default -> single(r) & 0xffff_ffffL | (long) single(r) << 32;
    };
  }

  static void extended(SplittableRandom r, MachineState s, int k) {
    int sign = r.nextInt(2) << 15;
    int exponent =
        switch (r.nextInt(10)) {
          case 0 -> 0;
          case 1 -> 0x7fff;
          case 2 -> r.nextInt(1, 70);
          case 3 -> r.nextInt(0x7fc0, 0x7fff);
          case 4 -> r.nextInt(0x3c00, 0x3c10);
          case 5 -> r.nextInt(0x7fff);
          default -> 0x3fff + r.nextInt(-70, 70);
        };
    long significand =
        switch (r.nextInt(8)) {
          case 0 -> 0;
          case 1 -> Long.MIN_VALUE;
          case 2 -> -1;
          case 3 -> 0xc000_0000_0000_0000L;
          case 4 -> r.nextLong() << r.nextInt(64);
          default -> r.nextLong();
        };
    if (r.nextInt(12) != 0 && exponent != 0) {
      significand |= Long.MIN_VALUE;
    }
    if (r.nextInt(4) == 0) {
      exponent = 0;
      significand = 0;
    }
    s.signExponent[k] = sign | exponent;
    s.significand[k] = significand;
  }

  static int mxcsr(SplittableRandom r) {
    int value = 0x1f80;
    if (r.nextInt(2) == 0) {
      value |= r.nextInt(4) << 13;
    }
    if (r.nextInt(4) == 0) {
      value |= r.nextInt() & 0x8040;
    }
    if (r.nextInt(2) == 0) {
      value |= r.nextInt() & 0x3f;
    }
    if (r.nextInt(8) == 0) {
      value &= ~(r.nextInt() & 0x1f80);
      value &= ~(~(value >> 7) & 0x3f);
    }
    return value;
  }

  static void control(SplittableRandom r, MachineState s) {
    s.control = 0x37f;
    if (r.nextInt(2) == 0) {
      s.control = s.control & ~0xf00 | r.nextInt(4) << 10;
      s.control |= (r.nextInt(3) + 1 == 1 ? 0 : r.nextInt(2) + 2) << 8;
    }
    s.status = r.nextInt(8) << 11;
    if (r.nextInt(2) == 0) {
      s.status |= r.nextInt() & 0x473f;
    }
    if (r.nextInt(8) == 0) {
      s.control &= ~(r.nextInt() & 0x3f);
      s.status &= ~(~s.control & 0x3f);
    }
    s.used = r.nextInt(4) == 0 ? r.nextInt(256) : 0xff & ~(1 << ((s.status >> 11) + 7 & 7));
  }
}
