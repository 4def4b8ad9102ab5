package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.fpu.FloatUnit;
import org.swtdx.cpu.fpu.SseConvert;
import org.swtdx.cpu.fpu.SseFloat;

/** Conversions, comparisons to flags and horizontal floating-point operations. */
final class FloatOps {
  private static final long LOW32 = 0xffff_ffffL;

  private FloatOps() {}

  /** COMISD, UCOMISD, COMISS, UCOMISS. */
  static void compareToFlags(Core c, Insn i, boolean wide, boolean signalling) {
    long b = i.memory ? SimdHandler.loadPart(c, i, wide ? 8 : 4) : c.vec[i.rm << 2];
    long a = c.vec[i.reg << 2];
    FloatUnit u = FloatHandlers.begin(c);
    int order =
        wide
            ? SseFloat.compare64(u, a, b, signalling)
            : SseFloat.compare32(u, (int) a, (int) b, signalling);
    FloatHandlers.finish(c, u);
    c.flags.setStatus(
        switch (order) {
          case -1 -> Flags.CF;
          case 0 -> Flags.ZF;
          case 1 -> 0;
          default -> Flags.ZF | Flags.PF | Flags.CF;
        });
  }

  /** CVT(T)SD2SI, CVT(T)SS2SI. */
  static void toGeneral(Core c, Insn i, boolean wide, boolean truncate) {
    long b = i.memory ? SimdHandler.loadPart(c, i, wide ? 8 : 4) : c.vec[i.rm << 2];
    boolean quad = i.has(Insn.W) && i.is64();
    int bits = quad ? 64 : 32;
    FloatUnit u = FloatHandlers.begin(c);
    long r =
        wide
            ? SseConvert.doubleToInteger(u, b, bits, truncate)
            : SseConvert.singleToInteger(u, (int) b, bits, truncate);
    FloatHandlers.finish(c, u);
    c.gpr[i.reg] = quad ? r : r & LOW32;
  }

  /** CVTSI2SD, CVTSI2SS. */
  static void fromGeneral(Core c, Insn i, boolean wide, boolean vex) {
    long value = PartMoves.fromGeneral(c, i);
    if (!(i.has(Insn.W) && i.is64())) {
      value = value << 32 >> 32;
    }
    FloatUnit u = FloatHandlers.begin(c);
    long[] v = c.vec;
    int d = i.reg << 2;
    int a = vex ? i.vvvv << 2 : d;
    long low =
        wide
            ? SseConvert.integerToDouble(u, value)
            : SseConvert.integerToSingle(u, value) & LOW32 | v[a] & ~LOW32;
    FloatHandlers.finish(c, u);
    v[d] = low;
    v[d + 1] = v[a + 1];
    if (vex) {
      SimdHandler.clearUpper(v, d);
    }
  }

  private static long pair(int lo, int hi) {
    return lo & LOW32 | (long) hi << 32;
  }

  /** CVTDQ2PS on one half. */
  static long integersToSingles(FloatUnit u, long b) {
    return pair(
        SseConvert.integerToSingle(u, b << 32 >> 32), SseConvert.integerToSingle(u, b >> 32));
  }

  /** CVTPS2DQ, CVTTPS2DQ on one half. */
  static long singlesToIntegers(FloatUnit u, long b, boolean truncate) {
    return pair(
        (int) SseConvert.singleToInteger(u, (int) b, 32, truncate),
        (int) SseConvert.singleToInteger(u, (int) (b >>> 32), 32, truncate));
  }

  /** CVTPD2PS of two halves to one. */
  static long doublesToSingles(FloatUnit u, long lo, long hi) {
    return pair(SseConvert.doubleToSingle(u, lo), SseConvert.doubleToSingle(u, hi));
  }

  /** CVTPD2DQ, CVTTPD2DQ of two halves to one. */
  static long doublesToIntegers(FloatUnit u, long lo, long hi, boolean truncate) {
    return pair(
        (int) SseConvert.doubleToInteger(u, lo, 32, truncate),
        (int) SseConvert.doubleToInteger(u, hi, 32, truncate));
  }

  /** A narrowing conversion: result halves 0 and 1 come from source halves 0, 1 and 2, 3. */
  @FunctionalInterface
  interface Narrow {
    long apply(FloatUnit u, long lo, long hi);
  }

  /** A widening conversion of one 32-bit element. */
  @FunctionalInterface
  interface Widen {
    long apply(FloatUnit u, int element);
  }

  static void narrow(Core c, Insn i, boolean vex, Narrow op) {
    long[] t = c.vectorScratch;
    boolean wide = i.vectorLength != 0;
    fetch(c, i, vex, wide ? 4 : 2);
    FloatUnit u = FloatHandlers.begin(c);
    long lo = op.apply(u, t[0], t[1]);
    long hi = wide ? op.apply(u, t[2], t[3]) : 0;
    FloatHandlers.finish(c, u);
    int d = i.reg << 2;
    c.vec[d] = lo;
    c.vec[d + 1] = hi;
    if (vex) {
      SimdHandler.clearUpper(c.vec, d);
    }
  }

  static void widen(Core c, Insn i, boolean vex, Widen op) {
    long[] t = c.vectorScratch;
    boolean wide = i.vectorLength != 0;
    if (!i.memory || wide) {
      fetch(c, i, vex, 2);
    } else {
      t[0] = SimdHandler.loadPart(c, i, 8);
    }
    FloatUnit u = FloatHandlers.begin(c);
    long lo = t[0];
    long hi = t[1];
    t[0] = op.apply(u, (int) lo);
    t[1] = op.apply(u, (int) (lo >>> 32));
    if (wide) {
      t[2] = op.apply(u, (int) hi);
      t[3] = op.apply(u, (int) (hi >>> 32));
    }
    FloatHandlers.finish(c, u);
    int d = i.reg << 2;
    System.arraycopy(t, 0, c.vec, d, wide ? 4 : 2);
    if (vex && !wide) {
      SimdHandler.clearUpper(c.vec, d);
    }
  }

  /** Puts {@code halves} 64-bit parts of the second operand into the vector scratch. */
  static void fetch(Core c, Insn i, boolean vex, int halves) {
    if (!i.memory) {
      System.arraycopy(c.vec, i.rm << 2, c.vectorScratch, 0, halves);
    } else if (vex) {
      VexOperand.load(c, i, halves);
    } else {
      long address = SimdHandler.aligned(c, i, 16, false);
      c.vectorScratch[0] = c.load64(address);
      c.vectorScratch[1] = c.load64(address + 8);
    }
  }

  /** HADDPS and HSUBPS: neighbours of the first, then of the second operand. */
  static LaneOp horizontal32(SseFloat.Op32 op) {
    return (c, v, d, a, lo, hi, imm) -> {
      FloatUnit u = c.fpu.unit;
      long x = v[a];
      long y = v[a + 1];
      long low =
          pair(op.apply(u, (int) x, (int) (x >>> 32)), op.apply(u, (int) y, (int) (y >>> 32)));
      v[d + 1] =
          pair(op.apply(u, (int) lo, (int) (lo >>> 32)), op.apply(u, (int) hi, (int) (hi >>> 32)));
      v[d] = low;
    };
  }

  /** HADDPD and HSUBPD. */
  static LaneOp horizontal64(SseFloat.Op64 op) {
    return (c, v, d, a, lo, hi, imm) -> {
      FloatUnit u = c.fpu.unit;
      long low = op.apply(u, v[a], v[a + 1]);
      v[d + 1] = op.apply(u, lo, hi);
      v[d] = low;
    };
  }

  /** ADDSUBPD: subtracts in the low, adds in the high element. */
  static void addSubtract64(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    FloatUnit u = c.fpu.unit;
    v[d] = SseFloat.subtract64(u, v[a], lo);
    v[d + 1] = SseFloat.add64(u, v[a + 1], hi);
  }

  /** ADDSUBPS: subtracts in even, adds in odd elements. */
  static void addSubtract32(Core c, long[] v, int d, int a, long lo, long hi, int imm) {
    FloatUnit u = c.fpu.unit;
    v[d] = alternate(u, v[a], lo);
    v[d + 1] = alternate(u, v[a + 1], hi);
  }

  private static long alternate(FloatUnit u, long a, long b) {
    return pair(
        SseFloat.subtract32(u, (int) a, (int) b),
        SseFloat.add32(u, (int) (a >>> 32), (int) (b >>> 32)));
  }
}
