package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Handlers of {@link HalfOp} instructions in SSE, AVX and MMX form. */
final class HalfHandlers {
  private HalfHandlers() {}

  /** {@code op xmm, xmm/m128}. */
  static final class Sse extends SimdHandler {
    private final HalfOp op;

    Sse(HalfOp op) {
      this.op = op;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkSse(c);
      long[] v = c.vec;
      int d = i.reg << 2;
      long lo;
      long hi;
      if (i.memory) {
        long address = aligned(c, i, 16, false);
        lo = c.load64(address);
        hi = c.load64(address + 8);
      } else {
        int s = i.rm << 2;
        lo = v[s];
        hi = v[s + 1];
      }
      v[d] = op.apply(v[d], lo);
      v[d + 1] = op.apply(v[d + 1], hi);
    }
  }

  /** {@code vop ymm, ymm, ymm/m256}. */
  static final class Vex extends SimdHandler {
    private final HalfOp op;

    Vex(HalfOp op) {
      this.op = op;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkAvx(c);
      long[] v = c.vec;
      int d = i.reg << 2;
      int a = i.vvvv << 2;
      int halves = i.vectorLength == 0 ? 2 : 4;
      if (i.memory) {
        VexOperand.load(c, i, halves);
      }
      long[] source = i.memory ? c.vectorScratch : v;
      int s = i.memory ? 0 : i.rm << 2;
      for (int k = 0; k < halves; k++) {
        v[d + k] = op.apply(v[a + k], source[s + k]);
      }
      if (halves == 2) {
        clearUpper(v, d);
      }
    }
  }

  /** {@code op mm, mm/m64}. */
  static final class Mmx extends SimdHandler {
    private final HalfOp op;

    Mmx(HalfOp op) {
      this.op = op;
    }

    @Override
    public void execute(Core c, Insn i) {
      Mmx64.check(c);
      long source = i.memory ? loadPart(c, i, 8) : Mmx64.get(c, i.rm);
      Mmx64.enter(c);
      Mmx64.set(c, i.reg, op.apply(Mmx64.get(c, i.reg), source));
    }
  }
}
