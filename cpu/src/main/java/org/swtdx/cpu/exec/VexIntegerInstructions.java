package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.HandlerFactory;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** BMI1, BMI2 (VEX-encoded instructions on general registers) and ADX. */
final class VexIntegerInstructions implements InstructionFamily {
  private static final int RDX = 2;

  VexIntegerInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    int map2 = OpcodeTable.MAP_0F38;
    table.vex(map2, OpcodeTable.NONE, 0xf2, sized(AND_NOT, false));
    table.vexGroup(map2, OpcodeTable.NONE, 0xf3, 1, sized(lowestBit(1), false));
    table.vexGroup(map2, OpcodeTable.NONE, 0xf3, 2, sized(lowestBit(2), false));
    table.vexGroup(map2, OpcodeTable.NONE, 0xf3, 3, sized(lowestBit(3), false));
    table.vex(map2, OpcodeTable.NONE, 0xf5, sized(ZERO_HIGH, false));
    table.vex(map2, OpcodeTable.F3, 0xf5, sized(EXTRACT, false));
    table.vex(map2, OpcodeTable.F2, 0xf5, sized(DEPOSIT, false));
    table.vex(map2, OpcodeTable.F2, 0xf6, sized(MULTIPLY, false));
    table.vex(map2, OpcodeTable.NONE, 0xf7, sized(FIELD, false));
    table.vex(map2, OpcodeTable.P66, 0xf7, sized(shift(0), false));
    table.vex(map2, OpcodeTable.F3, 0xf7, sized(shift(1), false));
    table.vex(map2, OpcodeTable.F2, 0xf7, sized(shift(2), false));
    table.vex(OpcodeTable.MAP_0F3A, OpcodeTable.F2, 0xf0, sized(ROTATE, true));
    table.legacy(map2, OpcodeTable.P66, 0xf6, wide(addWithFlag(true)));
    table.legacy(map2, OpcodeTable.F3, 0xf6, wide(addWithFlag(false)));
  }

  /** VEX.L must be 0, VEX.vvvv 1111b where it is not an operand; W gives the size. */
  private static HandlerFactory sized(Handler handler, boolean unusedVvvv) {
    return insn -> {
      if (insn.vectorLength != 0 || unusedVvvv && insn.vvvv != 0) {
        return null;
      }
      insn.size = insn.is64() && insn.has(Insn.W) ? 8 : 4;
      return handler;
    };
  }

  /** ADCX and ADOX ignore the operand-size prefix. */
  private static HandlerFactory wide(Handler handler) {
    return insn -> {
      insn.size = insn.has(Insn.W) ? 8 : 4;
      return handler;
    };
  }

  private static long second(Core core, Insn insn) {
    return Operands.register(core, insn, insn.vvvv, insn.size);
  }

  private static void setLogic(Core core, Insn insn, long result, boolean carry) {
    core.flags.shift(Operands.signed(result, insn.size), carry, false);
  }

  private static final Handler AND_NOT =
      Handler.of(
          (core, insn) -> {
            long result = ~second(core, insn) & Operands.rm(core, insn);
            Operands.setReg(core, insn, result);
            setLogic(core, insn, result, false);
          });

  /** Group 17: 1 BLSR, 2 BLSMSK, 3 BLSI. */
  private static Handler lowestBit(int which) {
    return Handler.of(
        (core, insn) -> {
          long source = Operands.rm(core, insn);
          long result =
              switch (which) {
                case 1 -> source & source - 1;
                case 2 -> source ^ source - 1;
                default -> source & -source;
              };
          Operands.setRegister(core, insn, insn.vvvv, insn.size, result);
          setLogic(core, insn, result, which == 3 ? source != 0 : source == 0);
        });
  }

  private static final Handler ZERO_HIGH =
      Handler.of(
          (core, insn) -> {
            long source = Operands.rm(core, insn);
            int count = (int) second(core, insn) & 0xff;
            int bits = insn.size * 8;
            long result = count >= bits ? source : source & (1L << count) - 1;
            Operands.setReg(core, insn, result);
            setLogic(core, insn, result, count >= bits);
          });

  private static final Handler EXTRACT =
      Handler.of(
          (core, insn) -> {
            long mask = Operands.rm(core, insn);
            Operands.setReg(core, insn, Long.compress(second(core, insn), mask));
          });

  private static final Handler DEPOSIT =
      Handler.of(
          (core, insn) -> {
            long mask = Operands.rm(core, insn);
            Operands.setReg(core, insn, Long.expand(second(core, insn), mask));
          });

  private static final Handler MULTIPLY =
      Handler.of(
          (core, insn) -> {
            long a = Operands.register(core, insn, RDX, insn.size);
            long b = Operands.rm(core, insn);
            long low = a * b;
            long high = insn.size == 8 ? Math.unsignedMultiplyHigh(a, b) : low >>> 32;
            Operands.setRegister(core, insn, insn.vvvv, insn.size, low);
            Operands.setReg(core, insn, high);
          });

  private static final Handler FIELD =
      Handler.of(
          (core, insn) -> {
            long source = Operands.rm(core, insn);
            int control = (int) second(core, insn);
            int start = control & 0xff;
            int length = control >> 8 & 0xff;
            long shifted = start >= insn.size * 8 ? 0 : source >>> start;
            long result = length >= 64 ? shifted : shifted & (1L << length) - 1;
            Operands.setReg(core, insn, result);
            core.flags.setStatus(result == 0 ? Flags.ZF : 0);
          });

  /** 0 SHLX, 1 SARX, 2 SHRX. */
  private static Handler shift(int which) {
    return Handler.of(
        (core, insn) -> {
          long source = Operands.rm(core, insn);
          int count = (int) second(core, insn) & insn.size * 8 - 1;
          long result =
              switch (which) {
                case 0 -> source << count;
                case 1 -> Operands.signed(source, insn.size) >> count;
                default -> source >>> count;
              };
          Operands.setReg(core, insn, result);
        });
  }

  private static final Handler ROTATE =
      Handler.of(
          (core, insn) -> {
            long source = Operands.rm(core, insn);
            int count = (int) insn.immediate;
            Operands.setReg(
                core,
                insn,
                insn.size == 8
                    ? Long.rotateRight(source, count)
                    : Integer.rotateRight((int) source, count));
          });

  /** ADCX (carry) and ADOX (overflow). */
  private static Handler addWithFlag(boolean carry) {
    return Handler.of(
        (core, insn) -> {
          Flags flags = core.flags;
          long a = Operands.reg(core, insn);
          long b = Operands.rm(core, insn);
          int in = (carry ? flags.cf() : flags.of()) ? 1 : 0;
          long result = a + b + in;
          boolean out = insn.size == 8 ? ((a & b) | ((a | b) & ~result)) < 0 : result >>> 32 != 0;
          Operands.setReg(core, insn, result);
          flags.setCarryOverflow(carry ? out : flags.cf(), carry ? flags.of() : out);
        });
  }
}
