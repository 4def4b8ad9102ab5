package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.fpu.FloatUnit;

/** A floating-point {@link LaneOp}: computed aside, written when no exception is unmasked. */
final class FloatLane extends SimdHandler {
  private final LaneOp op;
  private final boolean vex;

  FloatLane(LaneOp op, boolean vex) {
    this.op = op;
    this.vex = vex;
  }

  @Override
  public void execute(Core c, Insn i) {
    check(c, vex);
    int halves = i.vectorLength == 0 ? 2 : 4;
    FloatOps.fetch(c, i, vex, halves);
    long[] t = c.vectorScratch;
    int d = i.reg << 2;
    System.arraycopy(c.vec, vex ? i.vvvv << 2 : d, t, 4, 4);
    int imm = (int) i.immediate & 0xff;
    FloatUnit u = FloatHandlers.begin(c);
    op.lane(c, t, 0, 4, t[0], t[1], imm);
    if (halves == 4) {
      op.lane(c, t, 2, 6, t[2], t[3], imm);
    }
    FloatHandlers.finish(c, u);
    System.arraycopy(t, 0, c.vec, d, halves);
    if (vex && halves == 2) {
      clearUpper(c.vec, d);
    }
  }
}
