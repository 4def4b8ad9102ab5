package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;

/** A packed operation that works on each 128-bit lane by itself. */
@FunctionalInterface
interface LaneOp {
  /**
   * Computes one lane.
   *
   * @param c processor, for status it keeps
   * @param v vector registers
   * @param d index of the destination lane's low half; bit 1 is set in the upper lane of a YMM
   * @param a index of the first source lane's low half (may equal {@code d})
   * @param lo low half of the second source
   * @param hi high half of the second source
   * @param imm immediate byte, 0 to 255
   */
  void lane(Core c, long[] v, int d, int a, long lo, long hi, int imm);
}
