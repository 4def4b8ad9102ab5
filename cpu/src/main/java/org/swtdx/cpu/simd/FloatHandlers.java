package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.fpu.FloatUnit;
import org.swtdx.cpu.fpu.SseFloat;

/**
 * Floating-point instructions with two operands, scalar and packed. Exceptions are looked at when
 * all elements are computed; nothing is written when one is unmasked.
 */
final class FloatHandlers {
  private static final int XM = 19;
  private static final long CR4_OSXMMEXCPT = 1 << 10;
  private static final long LOW32 = 0xffff_ffffL;

  private FloatHandlers() {}

  /** Returns the unit, ready for the operations of one instruction. */
  static FloatUnit begin(Core c) {
    FloatUnit u = c.fpu.unit;
    u.begin(c.mxcsr);
    return u;
  }

  /**
   * Merges the unit's flags into MXCSR and raises #XM (or #UD without CR4.OSXMMEXCPT) when one is
   * unmasked. Flags found before computation hide those found after it (SDM Vol. 1 11.5.2).
   */
  static void finish(Core c, FloatUnit u) {
    int flags = u.reported();
    if (flags != 0) {
      c.mxcsr |= flags;
      if ((u.flags & ~(c.mxcsr >> 7) & 0x3f) != 0) {
        throw c.raise((c.cr4 & CR4_OSXMMEXCPT) != 0 ? XM : SimdHandler.UD);
      }
    }
  }

  /** {@code addsd} and its like. */
  static final class Scalar64 extends SimdHandler {
    private final SseFloat.Op64 op;
    private final boolean vex;

    Scalar64(SseFloat.Op64 op, boolean vex) {
      this.op = op;
      this.vex = vex;
    }

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      long[] v = c.vec;
      int d = i.reg << 2;
      int a = vex ? i.vvvv << 2 : d;
      long b = i.memory ? c.load64(c.address(i, 8, false)) : v[i.rm << 2];
      FloatUnit u = begin(c);
      long r = op.apply(u, v[a], b);
      finish(c, u);
      v[d] = r;
      if (vex) {
        v[d + 1] = v[a + 1];
        clearUpper(v, d);
      }
    }
  }

  /** {@code addss} and its like. */
  static final class Scalar32 extends SimdHandler {
    private final SseFloat.Op32 op;
    private final boolean vex;

    Scalar32(SseFloat.Op32 op, boolean vex) {
      this.op = op;
      this.vex = vex;
    }

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      long[] v = c.vec;
      int d = i.reg << 2;
      int a = vex ? i.vvvv << 2 : d;
      int b = i.memory ? c.load32(c.address(i, 4, false)) : (int) v[i.rm << 2];
      FloatUnit u = begin(c);
      int r = op.apply(u, (int) v[a], b);
      finish(c, u);
      v[d] = r & LOW32 | v[a] & ~LOW32;
      if (vex) {
        v[d + 1] = v[a + 1];
        clearUpper(v, d);
      }
    }
  }

  /** What packed forms share: fetching the second operand and writing the result. */
  abstract static class PackedForm extends SimdHandler {
    private final boolean vex;

    PackedForm(boolean vex) {
      this.vex = vex;
    }

    /** Result of one 64-bit half. */
    abstract long half(FloatUnit u, long a, long b, Insn i);

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      long[] v = c.vec;
      long[] t = c.vectorScratch;
      int halves = i.vectorLength == 0 ? 2 : 4;
      if (!i.memory) {
        int s = i.rm << 2;
        t[0] = v[s];
        t[1] = v[s + 1];
        t[2] = v[s + 2];
        t[3] = v[s + 3];
      } else if (vex) {
        VexOperand.load(c, i, halves);
      } else {
        long address = aligned(c, i, 16, false);
        t[0] = c.load64(address);
        t[1] = c.load64(address + 8);
      }
      int d = i.reg << 2;
      int a = vex ? i.vvvv << 2 : d;
      FloatUnit u = begin(c);
      for (int k = 0; k < halves; k++) {
        t[k] = half(u, v[a + k], t[k], i);
      }
      finish(c, u);
      for (int k = 0; k < halves; k++) {
        v[d + k] = t[k];
      }
      if (vex && halves == 2) {
        clearUpper(v, d);
      }
    }
  }

  /** {@code addpd} and its like. */
  static final class Packed64 extends PackedForm {
    private final SseFloat.Op64 op;

    Packed64(SseFloat.Op64 op, boolean vex) {
      super(vex);
      this.op = op;
    }

    @Override
    long half(FloatUnit u, long a, long b, Insn i) {
      return op.apply(u, a, b);
    }
  }

  /** {@code addps} and its like. */
  static final class Packed32 extends PackedForm {
    private final SseFloat.Op32 op;

    Packed32(SseFloat.Op32 op, boolean vex) {
      super(vex);
      this.op = op;
    }

    @Override
    long half(FloatUnit u, long a, long b, Insn i) {
      int lo = op.apply(u, (int) a, (int) b);
      int hi = op.apply(u, (int) (a >>> 32), (int) (b >>> 32));
      return lo & LOW32 | (long) hi << 32;
    }
  }
}
