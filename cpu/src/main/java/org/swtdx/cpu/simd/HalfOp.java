package org.swtdx.cpu.simd;

/** A packed operation that works on each 64-bit half by itself. */
@FunctionalInterface
interface HalfOp {
  /** Result for one half: {@code a} first (destination) operand, {@code b} second operand. */
  long apply(long a, long b);
}
