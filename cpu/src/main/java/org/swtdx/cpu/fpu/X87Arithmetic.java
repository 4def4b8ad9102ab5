package org.swtdx.cpu.fpu;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;

/** FADD, FSUB, FMUL, FDIV in all forms, comparisons, FCMOV, and one-operand arithmetic. */
final class X87Arithmetic {
  /** Operations by ModRM.reg: 0 add, 1 multiply, 4 subtract, 5 reversed, 6 divide, 7 reversed. */
  private static final int MULTIPLY = 1;

  private static final int DIVIDE = 6;

  private X87Arithmetic() {}

  /** Where the second operand of a memory form comes from. */
  @FunctionalInterface
  interface Source {
    /** Unpacks the operand into {@code target}. */
    void load(Core c, Insn i, Num target);
  }

  static void single(Core c, Insn i, Num target) {
    target.unpack32(c.load32(c.address(i, 4, false)), false);
  }

  static void dual(Core c, Insn i, Num target) {
    target.unpack64(c.load64(c.address(i, 8, false)), false);
  }

  static void word(Core c, Insn i, Num target) {
    integer(target, (short) c.load16(c.address(i, 2, false)));
  }

  static void doubleword(Core c, Insn i, Num target) {
    integer(target, c.load32(c.address(i, 4, false)));
  }

  static void integer(Num target, long value) {
    target.setInteger(value < 0, Math.abs(value), 0);
  }

  private static void compute(FloatUnit u, int operation) {
    switch (operation) {
      case 0 -> u.add(false);
      case MULTIPLY -> u.multiply();
      case 4 -> u.add(true);
      case DIVIDE -> u.divide();
      default -> {
        u.swapOperands();
        if (operation == 5) {
          u.add(true);
        } else {
          u.divide();
        }
      }
    }
  }

  /** ST(0) = ST(0) op memory, or a comparison for ModRM.reg 2 and 3. */
  static void memory(Core c, Insn i, Source source) {
    FloatUnit u = X87.begin(c, i);
    source.load(c, i, u.b);
    int operation = i.extension();
    boolean compare = operation == 2 || operation == 3;
    if (c.fpu.empty(0)) {
      boolean masked = X87.stackFault(c, i, false);
      if (compare) {
        unordered(c);
        popIf(c, masked && operation == 3);
      } else if (masked) {
        X87.setIndefinite(c, 0);
      }
      return;
    }
    X87.get(c, 0, u.a);
    if (compare) {
      compare(c, i, u, true, operation == 3 ? 1 : 0);
      return;
    }
    compute(u, operation);
    store(c, i, u, 0, false);
  }

  /** ST(k) = ST(0) op ST(k) or ST(k) op ST(0), as the instruction set defines it. */
  static void registers(Core c, Insn i, int operation, int destination, boolean pop) {
    FloatUnit u = X87.begin(c, i);
    int k = i.modrm & 7;
    if (c.fpu.empty(0) || c.fpu.empty(k)) {
      if (X87.stackFault(c, i, false)) {
        X87.setIndefinite(c, destination);
        popIf(c, pop);
      }
      return;
    }
    X87.get(c, destination, u.a);
    X87.get(c, destination == 0 ? k : 0, u.b);
    compute(u, operation);
    store(c, i, u, destination, pop);
  }

  /** Rounds r as the control word asks and stores it. */
  private static void store(Core c, Insn i, FloatUnit u, int destination, boolean pop) {
    u.round80(X87.precision(c));
    if (X87.finish(c, i, u)) {
      X87.set(c, destination, u.r);
      popIf(c, pop);
    }
  }

  private static void popIf(Core c, boolean pop) {
    if (pop) {
      X87.pop(c);
    }
  }

  private static void unordered(Core c) {
    X87.setConditions(c, FpuState.C0 | FpuState.C2 | FpuState.C3);
  }

  /** Sets C3, C2, C0 from the relation of a to b, then pops. */
  private static void compare(Core c, Insn i, FloatUnit u, boolean signalling, int pops) {
    int order = u.compare(signalling);
    boolean complete = X87.finish(c, i, u);
    X87.setConditions(
        c,
        switch (order) {
          case FloatUnit.LESS -> FpuState.C0;
          case FloatUnit.EQUAL -> FpuState.C3;
          case FloatUnit.GREATER -> 0;
          default -> FpuState.C0 | FpuState.C2 | FpuState.C3;
        });
    for (int n = 0; complete && n < pops; n++) {
      X87.pop(c);
    }
  }

  /** FCOM, FCOMP, FCOMPP, FUCOM, FUCOMP, FUCOMPP. */
  static void compareRegisters(Core c, Insn i, boolean signalling, int pops) {
    FloatUnit u = X87.begin(c, i);
    int k = i.modrm & 7;
    if (c.fpu.empty(0) || c.fpu.empty(k)) {
      int masked = X87.stackFault(c, i, false) ? pops : 0;
      unordered(c);
      for (int n = 0; n < masked; n++) {
        X87.pop(c);
      }
      return;
    }
    X87.get(c, 0, u.a);
    X87.get(c, k, u.b);
    compare(c, i, u, signalling, pops);
  }

  /** FTST. */
  static void test(Core c, Insn i) {
    FloatUnit u = X87.begin(c, i);
    if (c.fpu.empty(0)) {
      X87.stackFault(c, i, false);
      unordered(c);
      return;
    }
    X87.get(c, 0, u.a);
    u.b.setZero(false);
    compare(c, i, u, true, 0);
  }

  /** FCOMI, FCOMIP, FUCOMI, FUCOMIP. */
  static void compareToFlags(Core c, Insn i, boolean signalling, boolean pop) {
    FloatUnit u = X87.begin(c, i);
    int k = i.modrm & 7;
    int order = FloatUnit.UNORDERED;
    boolean complete;
    if (c.fpu.empty(0) || c.fpu.empty(k)) {
      complete = X87.stackFault(c, i, false);
    } else {
      X87.get(c, 0, u.a);
      X87.get(c, k, u.b);
      order = u.compare(signalling);
      complete = X87.finish(c, i, u);
    }
    c.flags.setStatus(
        switch (order) {
          case FloatUnit.LESS -> Flags.CF;
          case FloatUnit.EQUAL -> Flags.ZF;
          case FloatUnit.GREATER -> 0;
          default -> Flags.ZF | Flags.PF | Flags.CF;
        });
    popIf(c, pop && complete);
  }

  /** FCMOVcc: ST(0) = ST(k) when {@code condition}. */
  static void move(Core c, Insn i, boolean condition) {
    X87.begin(c, i);
    int k = i.modrm & 7;
    if (c.fpu.empty(0) || c.fpu.empty(k)) {
      if (X87.stackFault(c, i, false)) {
        X87.setIndefinite(c, 0);
      }
      return;
    }
    X87.retire(c, i);
    if (condition) {
      int r = c.fpu.physical(k);
      X87.setRaw(c, 0, c.fpu.signExponent[r], c.fpu.significand[r]);
    }
  }

  /** An operation on ST(0) alone: FSQRT, FRNDINT. */
  static void unary(Core c, Insn i, boolean root) {
    FloatUnit u = X87.begin(c, i);
    if (c.fpu.empty(0)) {
      if (X87.stackFault(c, i, false)) {
        X87.setIndefinite(c, 0);
      }
      return;
    }
    X87.get(c, 0, u.a);
    if (root) {
      u.squareRoot();
      u.round80(X87.precision(c));
    } else {
      u.roundToIntegral(u.rounding, false);
      u.flags |= u.a.denormal ? FloatUnit.DE : 0;
    }
    if (X87.finish(c, i, u)) {
      X87.set(c, 0, u.r);
    }
  }

  /** FCHS and FABS. */
  static void sign(Core c, Insn i, boolean change) {
    X87.begin(c, i);
    if (c.fpu.empty(0)) {
      if (X87.stackFault(c, i, false)) {
        X87.setIndefinite(c, 0);
      }
      return;
    }
    X87.retire(c, i);
    X87.clearC1(c);
    int r = c.fpu.top;
    int se = c.fpu.signExponent[r];
    c.fpu.signExponent[r] = change ? se ^ 0x8000 : se & 0x7fff;
  }

  /** FXAM: class and sign of ST(0) in C3, C2, C0 and C1. */
  static void examine(Core c, Insn i) {
    FloatUnit u = X87.begin(c, i);
    X87.retire(c, i);
    int r = c.fpu.top;
    int sign = (c.fpu.signExponent[r] & 0x8000) != 0 ? FpuState.C1 : 0;
    int kind;
    if (c.fpu.empty(0)) {
      kind = FpuState.C3 | FpuState.C0;
    } else {
      X87.get(c, 0, u.a);
      kind =
          switch (u.a.kind) {
            case Num.ZERO -> FpuState.C3;
            case Num.FINITE -> u.a.denormal ? FpuState.C3 | FpuState.C2 : FpuState.C2;
            case Num.INFINITY -> FpuState.C2 | FpuState.C0;
            case Num.UNSUPPORTED -> 0;
            default -> FpuState.C0;
          };
    }
    X87.setConditions(c, kind | sign);
  }
}
