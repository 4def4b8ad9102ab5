package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Handlers of {@link LaneOp} instructions in SSE and AVX form. */
final class LaneHandlers {
  private LaneHandlers() {}

  /** {@code op xmm, xmm/mN}; a 16-byte memory operand must be aligned, a smaller one need not. */
  static final class Sse extends SimdHandler {
    private final LaneOp op;
    private final int memorySize;

    Sse(LaneOp op, int memorySize) {
      this.op = op;
      this.memorySize = memorySize;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkSse(c);
      long lo;
      long hi;
      if (!i.memory) {
        int s = i.rm << 2;
        lo = c.vec[s];
        hi = c.vec[s + 1];
      } else if (memorySize == 16) {
        long address = aligned(c, i, 16, false);
        lo = c.load64(address);
        hi = c.load64(address + 8);
      } else {
        lo = loadPart(c, i, memorySize);
        hi = 0;
      }
      int d = i.reg << 2;
      op.lane(c, c.vec, d, d, lo, hi, (int) i.immediate & 0xff);
    }
  }

  /**
   * {@code vop ymm, ymm, ymm/mN}. With {@code memorySize} below 16 the operand of each lane is that
   * many bytes; such instructions have no 256-bit form.
   */
  static final class Vex extends SimdHandler {
    private final LaneOp op;
    private final int memorySize;

    Vex(LaneOp op, int memorySize) {
      this.op = op;
      this.memorySize = memorySize;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkAvx(c);
      long[] v = c.vec;
      long[] source = v;
      int s = i.rm << 2;
      int lanes = memorySize < 16 || i.vectorLength == 0 ? 1 : 2;
      if (i.memory) {
        source = c.vectorScratch;
        s = 0;
        if (memorySize < 16) {
          source[0] = loadPart(c, i, memorySize);
          source[1] = 0;
        } else {
          VexOperand.load(c, i, lanes * 2);
        }
      }
      int d = i.reg << 2;
      int a = i.vvvv << 2;
      int imm = (int) i.immediate & 0xff;
      long upperLo = lanes == 2 ? source[s + 2] : 0;
      long upperHi = lanes == 2 ? source[s + 3] : 0;
      op.lane(c, v, d, a, source[s], source[s + 1], imm);
      if (lanes == 2) {
        op.lane(c, v, d + 2, a + 2, upperLo, upperHi, imm);
      } else {
        clearUpper(v, d);
      }
    }
  }
}
