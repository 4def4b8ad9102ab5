package org.swtdx.tdxmodule.exit;

import java.util.Random;
import org.swtdx.tdxmodule.GuestTd;

/** Operands that are more often close to something valid than uniform ones. */
public final class RandomExits {
  private static final long[] INTERESTING = {
    0, 1, 2, -1, 0xfc00, 4096, 0xfff, 1L << 47, 1L << 52, Long.MIN_VALUE, 0x9110_0003_0000_0017L
  };

  private RandomExits() {}

  /** Returns a value for a register. */
  public static long operand(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextLong();
      case 1 -> INTERESTING[random.nextInt(INTERESTING.length)];
      case 2 -> GuestTd.DATA + 64L * random.nextInt(128);
      case 3 -> (long) random.nextInt(0x4000) << 12 | random.nextInt(3);
      default -> random.nextInt(16);
    };
  }
}
