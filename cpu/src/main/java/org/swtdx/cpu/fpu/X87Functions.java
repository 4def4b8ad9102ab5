package org.swtdx.cpu.fpu;

import java.math.BigDecimal;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** FSCALE, FXTRACT, FPREM, FPREM1 and the transcendental instructions on the register stack. */
final class X87Functions {
  private X87Functions() {}

  /** Computes the unit's r from its a, or from a and b. */
  @FunctionalInterface
  interface Function {
    /** Leaves the unrounded result in r. */
    void apply(FloatUnit u);
  }

  private static boolean absent(Core c, Insn i, int k) {
    if (!c.fpu.empty(0) && !c.fpu.empty(k)) {
      return false;
    }
    if (X87.stackFault(c, i, false)) {
      X87.setIndefinite(c, k);
      if (k == 1) {
        X87.pop(c);
      }
    }
    return true;
  }

  /** ST(0) = f(ST(0)). */
  static void unary(Core c, Insn i, Function f) {
    FloatUnit u = X87.begin(c, i);
    if (absent(c, i, 0)) {
      return;
    }
    X87.get(c, 0, u.a);
    f.apply(u);
    u.round80(64);
    if (X87.finish(c, i, u)) {
      X87.set(c, 0, u.r);
    }
  }

  /** ST(1) = f(ST(0), ST(1)), then a pop. */
  static void binary(Core c, Insn i, Function f) {
    FloatUnit u = X87.begin(c, i);
    if (absent(c, i, 1)) {
      return;
    }
    X87.get(c, 0, u.a);
    X87.get(c, 1, u.b);
    f.apply(u);
    u.round80(64);
    if (X87.finish(c, i, u)) {
      X87.set(c, 1, u.r);
      X87.pop(c);
    }
  }

  /** FSCALE: ST(0) * 2^trunc(ST(1)). */
  static void scale(Core c, Insn i) {
    FloatUnit u = X87.begin(c, i);
    if (c.fpu.empty(0) || c.fpu.empty(1)) {
      if (X87.stackFault(c, i, false)) {
        X87.setIndefinite(c, 0);
      }
      return;
    }
    X87.get(c, 0, u.a);
    X87.get(c, 1, u.b);
    if (!u.propagateNan()) {
      scaleNumbers(u);
    }
    u.round80(64);
    if (X87.finish(c, i, u)) {
      X87.set(c, 0, u.r);
    }
  }

  private static void scaleNumbers(FloatUnit u) {
    boolean down = u.b.negative;
    u.r.set(u.a);
    u.r.denormal = false;
    if (u.b.kind == Num.INFINITY) {
      if (u.a.kind == (down ? Num.INFINITY : Num.ZERO)) {
        u.flags |= FloatUnit.IE;
        u.r.setIndefinite();
        return;
      }
      u.flags |= u.a.denormal ? FloatUnit.DE : 0;
      if (down) {
        u.r.setZero(u.a.negative);
      } else {
        u.r.setInfinity(u.a.negative);
      }
      return;
    }
    u.flags |= u.a.denormal || u.b.denormal ? FloatUnit.DE : 0;
    if (u.a.kind != Num.FINITE || u.b.kind == Num.ZERO || u.b.exp < 0) {
      return;
    }
    int by = u.b.exp > 16 ? 1 << 17 : (int) (u.b.sig >>> 63 - u.b.exp);
    u.r.exp += down ? -by : by;
  }

  /** FXTRACT: exponent into ST(0), then the significand pushed. */
  static void extract(Core c, Insn i) {
    FloatUnit u = X87.begin(c, i);
    if (c.fpu.empty(0) || !c.fpu.empty(7)) {
      if (X87.stackFault(c, i, !c.fpu.empty(0))) {
        X87.setIndefinite(c, 0);
        X87.lower(c);
        X87.setIndefinite(c, 0);
      }
      return;
    }
    X87.get(c, 0, u.a);
    if (u.propagateNanUnary()) {
      u.a.set(u.r);
    } else if (u.a.kind == Num.ZERO) {
      u.flags |= FloatUnit.ZE;
      u.r.setInfinity(true);
    } else if (u.a.kind == Num.INFINITY) {
      u.r.setInfinity(false);
    } else {
      u.flags |= u.a.denormal ? FloatUnit.DE : 0;
      u.r.setInteger(u.a.exp < 0, Math.abs(u.a.exp), 0);
      u.a.exp = 0;
      u.a.denormal = false;
    }
    if (X87.finish(c, i, u)) {
      X87.set(c, 0, u.r);
      X87.lower(c);
      X87.set(c, 0, u.a);
    }
  }

  /** FPREM (quotient truncated) and FPREM1 (rounded to nearest even). */
  static void remainder(Core c, Insn i, boolean nearest) {
    FloatUnit u = X87.begin(c, i);
    c.fpu.status &= ~FpuState.C2;
    if (c.fpu.empty(0) || c.fpu.empty(1)) {
      if (X87.stackFault(c, i, false)) {
        X87.setIndefinite(c, 0);
      }
      return;
    }
    X87.get(c, 0, u.a);
    X87.get(c, 1, u.b);
    int conditions = u.propagateNan() ? Remainder.NONE : Remainder.compute(u, nearest);
    u.round80(64);
    if (X87.finish(c, i, u)) {
      X87.set(c, 0, u.r);
      if (conditions != Remainder.NONE) {
        X87.setConditions(c, conditions);
      }
    }
  }

  /** Whether the trigonometric argument in a is a number that can be reduced. */
  private static boolean reducible(FloatUnit u) {
    if (u.propagateNanUnary()) {
      return false;
    }
    if (u.a.kind == Num.INFINITY) {
      u.flags |= FloatUnit.IE;
      u.r.setIndefinite();
      return false;
    }
    return true;
  }

  /** Sets C2 and returns true when the operand is 2^63 or more in magnitude. */
  private static boolean outOfRange(Core c, Insn i, FloatUnit u) {
    boolean far = u.a.kind == Num.FINITE && u.a.exp >= 63;
    if (far) {
      X87.retire(c, i);
      X87.clearC1(c);
      c.fpu.status |= FpuState.C2;
    }
    return far;
  }

  /** FSIN and FCOS. */
  static void trigonometric(Core c, Insn i, boolean cosine) {
    FloatUnit u = X87.begin(c, i);
    c.fpu.status &= ~FpuState.C2;
    if (absent(c, i, 0)) {
      return;
    }
    X87.get(c, 0, u.a);
    if (outOfRange(c, i, u)) {
      return;
    }
    if (reducible(u)) {
      circular(u, cosine);
    }
    u.round80(64);
    if (X87.finish(c, i, u)) {
      X87.set(c, 0, u.r);
    }
  }

  private static void circular(FloatUnit u, boolean cosine) {
    if (u.a.kind == Num.ZERO) {
      if (cosine) {
        u.r.setInteger(false, 1, 0);
      } else {
        u.r.set(u.a);
      }
      return;
    }
    u.flags |= u.a.denormal ? FloatUnit.DE : 0;
    if (u.a.exp < -80) {
      small(u, cosine);
      return;
    }
    Series.store(Transcendental.sine(Transcendental.reduce(u.a), cosine), u.r);
  }

  /** Sine and tangent just below the argument, cosine just below one. */
  private static void small(FloatUnit u, boolean cosine) {
    if (cosine) {
      u.r.setInteger(false, -1, -64);
      u.r.lo = -1;
    } else {
      u.r.set(u.a);
      u.r.denormal = false;
      u.r.sig = u.a.sig - 1;
      u.r.lo = -1;
      u.r.normalize();
    }
  }

  /** FPTAN: the tangent, then 1.0 pushed. */
  static void partialTangent(Core c, Insn i) {
    FloatUnit u = X87.begin(c, i);
    c.fpu.status &= ~FpuState.C2;
    if (pairAbsent(c, i)) {
      return;
    }
    X87.get(c, 0, u.a);
    if (outOfRange(c, i, u)) {
      return;
    }
    boolean number = reducible(u);
    if (number) {
      tangent(u);
    }
    u.round80(64);
    if (X87.finish(c, i, u)) {
      X87.set(c, 0, u.r);
      if (number) {
        u.r.setInteger(false, 1, 0);
      }
      X87.lower(c);
      X87.set(c, 0, u.r);
    }
  }

  private static void tangent(FloatUnit u) {
    if (u.a.kind == Num.ZERO) {
      u.r.set(u.a);
      return;
    }
    u.flags |= u.a.denormal ? FloatUnit.DE : 0;
    if (u.a.exp < -80) {
      u.r.set(u.a);
      u.r.denormal = false;
      u.r.lo = 1;
    } else {
      BigDecimal t = Transcendental.tangent(Transcendental.reduce(u.a));
      Series.store(t, u.r);
    }
  }

  private static boolean pairAbsent(Core c, Insn i) {
    if (!c.fpu.empty(0) && c.fpu.empty(7)) {
      return false;
    }
    if (X87.stackFault(c, i, !c.fpu.empty(0))) {
      X87.setIndefinite(c, 0);
      X87.lower(c);
      X87.setIndefinite(c, 0);
    }
    return true;
  }

  /** FSINCOS: the sine, then the cosine pushed. */
  static void sineAndCosine(Core c, Insn i) {
    FloatUnit u = X87.begin(c, i);
    c.fpu.status &= ~FpuState.C2;
    if (pairAbsent(c, i)) {
      return;
    }
    X87.get(c, 0, u.a);
    if (outOfRange(c, i, u)) {
      return;
    }
    boolean number = reducible(u);
    if (number) {
      circular(u, false);
    }
    u.round80(64);
    u.b.set(u.r);
    if (number) {
      circular(u, true);
      u.round80(64);
    }
    if (X87.finish(c, i, u)) {
      X87.set(c, 0, u.b);
      X87.lower(c);
      X87.set(c, 0, u.r);
    }
  }
}
