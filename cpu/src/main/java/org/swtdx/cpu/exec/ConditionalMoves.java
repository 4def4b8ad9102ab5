package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;

/** CMOVcc and SETcc. */
final class ConditionalMoves {
  private static final Handler[] MOVES = new Handler[16];
  private static final Handler[] WIDE_MOVES = new Handler[16];
  private static final Handler[] DOUBLE_MOVES = new Handler[16];
  private static final Handler[] REGISTER_SETS = new Handler[16];
  private static final Handler[] SETS = new Handler[16];

  static {
    for (int cc = 0; cc < 16; cc++) {
      MOVES[cc] = new Move(cc);
      WIDE_MOVES[cc] = new WideMove(cc);
      DOUBLE_MOVES[cc] = new DoubleMove(cc);
      REGISTER_SETS[cc] = new RegisterSet(cc);
      SETS[cc] = new Set(cc);
    }
  }

  private ConditionalMoves() {}

  static Handler select(Insn insn, int cc) {
    if (insn.memory || insn.size == 2) {
      return MOVES[cc];
    }
    return insn.size == 8 ? WIDE_MOVES[cc] : DOUBLE_MOVES[cc];
  }

  static Handler set(Insn insn, int cc) {
    boolean low = !insn.memory && !Operands.isHighByte(insn, insn.rm);
    return low ? REGISTER_SETS[cc] : SETS[cc];
  }

  private static final class WideMove extends Handler {
    private final int cc;

    WideMove(int cc) {
      this.cc = cc;
    }

    @Override
    public void execute(Core core, Insn insn) {
      if (core.flags.test(cc)) {
        core.gpr[insn.reg] = core.gpr[insn.rm];
      }
    }
  }

  private static final class DoubleMove extends Handler {
    private final int cc;

    DoubleMove(int cc) {
      this.cc = cc;
    }

    @Override
    public void execute(Core core, Insn insn) {
      int source = core.flags.test(cc) ? insn.rm : insn.reg;
      core.gpr[insn.reg] = core.gpr[source] & 0xffffffffL;
    }
  }

  private static final class RegisterSet extends Handler {
    private final int cc;

    RegisterSet(int cc) {
      this.cc = cc;
    }

    @Override
    public void execute(Core core, Insn insn) {
      core.gpr[insn.rm] = core.gpr[insn.rm] & ~0xffL | (core.flags.test(cc) ? 1 : 0);
    }
  }

  private static final class Move extends Handler {
    private final int cc;

    Move(int cc) {
      this.cc = cc;
    }

    @Override
    public void execute(Core core, Insn insn) {
      // The source is read, and a 32-bit destination's upper half cleared, in either case.
      long source = Operands.rm(core, insn);
      if (core.flags.test(cc)) {
        Operands.setReg(core, insn, source);
      } else if (insn.size == 4) {
        core.gpr[insn.reg] &= 0xffffffffL;
      }
    }
  }

  private static final class Set extends Handler {
    private final int cc;

    Set(int cc) {
      this.cc = cc;
    }

    @Override
    public void execute(Core core, Insn insn) {
      Operands.setRm(core, insn, core.flags.test(cc) ? 1 : 0);
    }
  }
}
