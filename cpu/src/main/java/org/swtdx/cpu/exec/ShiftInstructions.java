package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** Shifts, rotates, SHLD and SHRD. */
final class ShiftInstructions implements InstructionFamily {
  private static final int RCX = 1;
  private static final int ROL = 0, ROR = 1, SHL = 4, SHR = 5, SAR = 7;

  ShiftInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int e = 0; e < 8; e++) {
      int operation = e == 6 ? SHL : e;
      for (int low = 0; low < 2; low++) {
        table.group(0, OpcodeTable.ANY, 0xc0 + low, e, insn -> byImmediate(insn, operation));
        table.group(
            0,
            OpcodeTable.ANY,
            0xd0 + low,
            e,
            insn -> {
              insn.immediate = 1;
              return byImmediate(insn, operation);
            });
        table.group(0, OpcodeTable.ANY, 0xd2 + low, e, insn -> BY_CL[operation]);
      }
    }
    table.legacy(1, OpcodeTable.ANY, 0xa4, insn -> new DoubleShift(true, false));
    table.legacy(1, OpcodeTable.ANY, 0xa5, insn -> new DoubleShift(true, true));
    table.legacy(1, OpcodeTable.ANY, 0xac, insn -> new DoubleShift(false, false));
    table.legacy(1, OpcodeTable.ANY, 0xad, insn -> new DoubleShift(false, true));
  }

  private static final Handler[] BY_CL = new Handler[8];
  private static final Handler[] BY_IMMEDIATE = new Handler[8];

  static {
    for (int i = 0; i < 8; i++) {
      BY_CL[i] = new Shift(i, true);
      BY_IMMEDIATE[i] = new Shift(i, false);
    }
  }

  private static Handler byImmediate(Insn insn, int operation) {
    int count = (int) insn.immediate & (insn.size == 8 ? 63 : 31);
    insn.immediate = count;
    insn.target = insn.rm;
    if (count > 0 && !insn.memory && insn.size >= 4) {
      boolean wide = insn.size == 8;
      switch (operation) {
        case SHL -> {
          return wide ? LEFT64 : LEFT32;
        }
        case SHR -> {
          return wide ? RIGHT64 : RIGHT32;
        }
        case SAR -> {
          return wide ? ARITHMETIC64 : ARITHMETIC32;
        }
        case ROL, ROR -> {
          return operation == ROL ? ROTATE_LEFT : ROTATE_RIGHT;
        }
        default -> {}
      }
    }
    return BY_IMMEDIATE[operation];
  }

  private static final Handler LEFT64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          int n = (int) insn.immediate;
          long a = core.gpr[insn.target];
          long r = a << n;
          core.gpr[insn.target] = r;
          boolean cf = a << n - 1 < 0;
          core.flags.shift(r, cf, cf != r < 0);
        }
      };

  private static final Handler LEFT32 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          int n = (int) insn.immediate;
          int a = (int) core.gpr[insn.target];
          int r = a << n;
          core.gpr[insn.target] = r & 0xffffffffL;
          boolean cf = a << n - 1 < 0;
          core.flags.shift(r, cf, cf != r < 0);
        }
      };

  private static final Handler RIGHT64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          int n = (int) insn.immediate;
          long a = core.gpr[insn.target];
          long r = a >>> n;
          core.gpr[insn.target] = r;
          core.flags.shift(r, (a >>> n - 1 & 1) != 0, a < 0);
        }
      };

  private static final Handler RIGHT32 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          int n = (int) insn.immediate;
          int a = (int) core.gpr[insn.target];
          int r = a >>> n;
          core.gpr[insn.target] = r;
          core.flags.shift(r, (a >>> n - 1 & 1) != 0, a < 0);
        }
      };

  private static final Handler ARITHMETIC64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          int n = (int) insn.immediate;
          long a = core.gpr[insn.target];
          long r = a >> n;
          core.gpr[insn.target] = r;
          core.flags.shift(r, (a >> n - 1 & 1) != 0, false);
        }
      };

  private static final Handler ARITHMETIC32 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          int n = (int) insn.immediate;
          int a = (int) core.gpr[insn.target];
          int r = a >> n;
          core.gpr[insn.target] = r & 0xffffffffL;
          core.flags.shift(r, (a >> n - 1 & 1) != 0, false);
        }
      };

  private static final Handler ROTATE_LEFT =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          int n = (int) insn.immediate;
          long a = core.gpr[insn.target];
          long r =
              insn.size == 8 ? Long.rotateLeft(a, n) : Integer.rotateLeft((int) a, n) & 0xffffffffL;
          core.gpr[insn.target] = r;
          boolean cf = (r & 1) != 0;
          core.flags.setCarryOverflow(cf, cf != (insn.size == 8 ? r < 0 : (int) r < 0));
        }
      };

  private static final Handler ROTATE_RIGHT =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          int n = (int) insn.immediate;
          long a = core.gpr[insn.target];
          long r =
              insn.size == 8
                  ? Long.rotateRight(a, n)
                  : Integer.rotateRight((int) a, n) & 0xffffffffL;
          core.gpr[insn.target] = r;
          long top = insn.size == 8 ? r : r << 32;
          core.flags.setCarryOverflow(top < 0, (top ^ top << 1) < 0);
        }
      };

  /** Any operation, operand and size, by CL or an immediate. */
  private static final class Shift extends Handler {
    private final int operation;
    private final boolean byCl;

    Shift(int operation, boolean byCl) {
      this.operation = operation;
      this.byCl = byCl;
    }

    @Override
    public void execute(Core core, Insn insn) {
      int size = insn.size;
      int count = (int) (byCl ? core.gpr[RCX] : insn.immediate) & (size == 8 ? 63 : 31);
      if (!insn.memory) {
        long a = Operands.register(core, insn, insn.rm, size);
        long r = ShiftResult.compute(core.flags, operation, a, count, size);
        Operands.setRegister(core, insn, insn.rm, size, r);
        return;
      }
      long linear = core.address(insn, size, true);
      long a = core.loadForUpdate(linear, size);
      Flags flags = core.flags;
      long r = ShiftResult.compute(flags, operation, a, count, size);
      if (count != 0) {
        core.store(linear, size, r);
      }
    }
  }

  /** SHLD and SHRD. */
  private static final class DoubleShift extends Handler {
    private final boolean left;
    private final boolean byCl;

    DoubleShift(boolean left, boolean byCl) {
      this.left = left;
      this.byCl = byCl;
    }

    @Override
    public void execute(Core core, Insn insn) {
      int size = insn.size;
      int count = (int) (byCl ? core.gpr[RCX] : insn.immediate) & (size == 8 ? 63 : 31);
      long linear = insn.memory ? core.address(insn, size, true) : 0;
      long a =
          insn.memory
              ? core.loadForUpdate(linear, size)
              : Operands.register(core, insn, insn.rm, size);
      long r =
          count == 0
              ? a
              : ShiftResult.computeDouble(
                  core.flags, left, a, Operands.reg(core, insn), count, size);
      if (!insn.memory) {
        Operands.setRegister(core, insn, insn.rm, size, r);
      } else if (count != 0) {
        core.store(linear, size, r);
      }
    }
  }
}
