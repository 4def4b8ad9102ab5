package org.swtdx.cpu.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FlagsTest {
  private static boolean parity(int value) {
    return (Integer.bitCount(value & 0xff) & 1) == 0;
  }

  private static int reference(int a, int b, int carry, boolean subtract) {
    int wide = subtract ? a - b - carry : a + b + carry;
    int signedWide = subtract ? (byte) a - (byte) b - carry : (byte) a + (byte) b + carry;
    int low = subtract ? (a & 15) - (b & 15) - carry : (a & 15) + (b & 15) + carry;
    return ((wide & 0x100) != 0 ? Flags.CF : 0)
        | (parity(wide) ? Flags.PF : 0)
        | ((low & 0x10) != 0 ? Flags.AF : 0)
        | ((wide & 0xff) == 0 ? Flags.ZF : 0)
        | ((wide & 0x80) != 0 ? Flags.SF : 0)
        | (signedWide != (byte) signedWide ? Flags.OF : 0);
  }

  @Test
  void additionAndSubtractionOfAllBytesMatchTheDefinition() {
    Flags flags = new Flags();
    for (int a = 0; a < 256; a++) {
      for (int b = 0; b < 256; b++) {
        for (int carry = 0; carry < 2; carry++) {
          flags.add((byte) a, (byte) b, (byte) (a + b + carry));
          assertThat(flags.status()).isEqualTo(reference(a, b, carry, false));
          flags.subtract((byte) a, (byte) b, (byte) (a - b - carry));
          assertThat(flags.status()).isEqualTo(reference(a, b, carry, true));
        }
      }
    }
  }

  @Test
  void everyCombinationOfStatusFlagsCanBeSetAndTested() {
    Flags flags = new Flags();
    for (int i = 0; i < 64; i++) {
      int bits =
          (i & 1) | (i & 2) << 1 | (i & 4) << 2 | (i & 8) << 3 | (i & 16) << 3 | (i & 32) << 6;
      flags.setStatus(bits);
      assertThat(flags.status()).isEqualTo(bits);
      boolean cf = (bits & Flags.CF) != 0;
      boolean zf = (bits & Flags.ZF) != 0;
      boolean less = ((bits & Flags.SF) != 0) != ((bits & Flags.OF) != 0);
      boolean[] expected = {
        (bits & Flags.OF) != 0,
        cf,
        zf,
        cf || zf,
        (bits & Flags.SF) != 0,
        (bits & Flags.PF) != 0,
        less,
        less || zf
      };
      for (int cc = 0; cc < 16; cc++) {
        assertThat(flags.test(cc)).isEqualTo(expected[cc >> 1] ^ (cc & 1) != 0);
      }
      partialUpdatesKeepTheOthers(flags, bits);
    }
  }

  private static void partialUpdatesKeepTheOthers(Flags flags, int bits) {
    for (boolean value : new boolean[] {false, true}) {
      flags.setStatus(bits);
      flags.setCarry(value);
      assertThat(flags.status()).isEqualTo(bits & ~Flags.CF | (value ? Flags.CF : 0));
      flags.setStatus(bits);
      flags.setZero(value);
      assertThat(flags.status()).isEqualTo(bits & ~Flags.ZF | (value ? Flags.ZF : 0));
      flags.setStatus(bits);
      flags.setCarryOverflow(value, !value);
      assertThat(flags.status())
          .isEqualTo(bits & ~(Flags.CF | Flags.OF) | (value ? Flags.CF : Flags.OF));
    }
  }

  @Test
  void incrementKeepsTheCarry() {
    Flags flags = new Flags();
    flags.setStatus(Flags.CF);
    flags.increment((byte) 0x7f, (byte) 0x80, true);
    assertThat(flags.status()).isEqualTo(Flags.CF | Flags.OF | Flags.SF | Flags.AF);
    flags.setStatus(0);
    flags.increment((byte) 0xff, (byte) 0, false);
    assertThat(flags.status()).isEqualTo(Flags.ZF | Flags.PF | Flags.AF);
  }

  @Test
  void reservedBitsAreForced() {
    Flags flags = new Flags();
    flags.set(-1);
    assertThat(flags.get()).isEqualTo(0x3f7fd7);
    flags.set(0);
    assertThat(flags.get()).isEqualTo(2);
  }
}
