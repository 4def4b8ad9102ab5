package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Packed shifts by one count for all elements. */
final class ShiftHandlers {
  private ShiftHandlers() {}

  /** {@code psrlw xmm, xmm/m128}: the count is the low quadword of the second operand. */
  static final class ByRegister extends SimdHandler {
    private final HalfOp op;
    private final boolean vex;

    ByRegister(HalfOp op, boolean vex) {
      this.op = op;
      this.vex = vex;
    }

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      FloatOps.fetch(c, i, vex, 2);
      long count = c.vectorScratch[0];
      int d = i.reg << 2;
      shift(c.vec, d, vex ? i.vvvv << 2 : d, count, op, vex, i.vectorLength != 0);
    }
  }

  private static void shift(
      long[] v, int d, int s, long count, HalfOp op, boolean vex, boolean wide) {
    v[d] = op.apply(v[s], count);
    v[d + 1] = op.apply(v[s + 1], count);
    if (wide) {
      v[d + 2] = op.apply(v[s + 2], count);
      v[d + 3] = op.apply(v[s + 3], count);
    } else if (vex) {
      SimdHandler.clearUpper(v, d);
    }
  }

  /** {@code psrlw xmm, imm8}. */
  static final class ByImmediate extends SimdHandler {
    private final HalfOp op;
    private final boolean vex;

    ByImmediate(HalfOp op, boolean vex) {
      this.op = op;
      this.vex = vex;
    }

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      int s = i.rm << 2;
      int d = vex ? i.vvvv << 2 : s;
      shift(c.vec, d, s, i.immediate & 0xff, op, vex, i.vectorLength != 0);
    }
  }

  /** {@code psrlw mm, imm8}. */
  static final class MmxImmediate extends SimdHandler {
    private final HalfOp op;

    MmxImmediate(HalfOp op) {
      this.op = op;
    }

    @Override
    public void execute(Core c, Insn i) {
      Mmx64.check(c);
      Mmx64.enter(c);
      Mmx64.set(c, i.rm, op.apply(Mmx64.get(c, i.rm), i.immediate & 0xff));
    }
  }

  /** PSLLDQ and PSRLDQ. */
  static final class Bytes extends SimdHandler {
    private final boolean left;
    private final boolean vex;

    Bytes(boolean left, boolean vex) {
      this.left = left;
      this.vex = vex;
    }

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      int s = i.rm << 2;
      int d = vex ? i.vvvv << 2 : s;
      int n = (int) i.immediate & 0xff;
      for (int lane = 0; lane <= i.vectorLength; lane++) {
        if (left) {
          Shuffles.byteShiftLeft(c.vec, d + 2 * lane, s + 2 * lane, n);
        } else {
          Shuffles.byteShiftRight(c.vec, d + 2 * lane, s + 2 * lane, n);
        }
      }
      if (vex && i.vectorLength == 0) {
        clearUpper(c.vec, d);
      }
    }
  }
}
