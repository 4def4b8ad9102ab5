package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Operand access for forms that have no handler of their own: any size, register or memory. */
final class Operands {
  private Operands() {}

  /** Whether {@code register} names AH, CH, DH or BH. */
  static boolean isHighByte(Insn insn, int register) {
    return register >= 4 && register < 8 && !insn.has(Insn.REX);
  }

  /** A register operand, zero-extended. */
  static long register(Core core, Insn insn, int register, int size) {
    return switch (size) {
      case 1 ->
          isHighByte(insn, register)
              ? core.gpr[register - 4] >>> 8 & 0xff
              : core.gpr[register] & 0xff;
      case 2 -> core.gpr[register] & 0xffff;
      case 4 -> core.gpr[register] & 0xffffffffL;
      default -> core.gpr[register];
    };
  }

  /** Writes a register operand; 32-bit writes clear the upper half. */
  static void setRegister(Core core, Insn insn, int register, int size, long value) {
    long[] gpr = core.gpr;
    switch (size) {
      case 1 -> {
        if (isHighByte(insn, register)) {
          gpr[register - 4] = gpr[register - 4] & ~0xff00L | (value & 0xff) << 8;
        } else {
          gpr[register] = gpr[register] & ~0xffL | value & 0xff;
        }
      }
      case 2 -> gpr[register] = gpr[register] & ~0xffffL | value & 0xffff;
      case 4 -> gpr[register] = value & 0xffffffffL;
      default -> gpr[register] = value;
    }
  }

  /** The ModRM.reg operand, zero-extended. */
  static long reg(Core core, Insn insn) {
    return register(core, insn, insn.reg, insn.size);
  }

  /** Writes the ModRM.reg operand. */
  static void setReg(Core core, Insn insn, long value) {
    setRegister(core, insn, insn.reg, insn.size, value);
  }

  /** The ModRM.rm operand, zero-extended. */
  static long rm(Core core, Insn insn) {
    return rm(core, insn, insn.size);
  }

  /** The ModRM.rm operand in another size than the instruction's, zero-extended. */
  static long rm(Core core, Insn insn, int size) {
    return insn.memory
        ? core.load(core.address(insn, size, false), size)
        : register(core, insn, insn.rm, size);
  }

  /** Writes the ModRM.rm operand. */
  static void setRm(Core core, Insn insn, long value) {
    if (insn.memory) {
      core.store(core.address(insn, insn.size, true), insn.size, value);
    } else {
      setRegister(core, insn, insn.rm, insn.size, value);
    }
  }

  /** {@code value} sign-extended from {@code size} bytes. */
  static long signed(long value, int size) {
    return switch (size) {
      case 1 -> (byte) value;
      case 2 -> (short) value;
      case 4 -> (int) value;
      default -> value;
    };
  }

  /** {@code value} truncated to {@code size} bytes. */
  static long unsigned(long value, int size) {
    return switch (size) {
      case 1 -> value & 0xff;
      case 2 -> value & 0xffff;
      case 4 -> value & 0xffffffffL;
      default -> value;
    };
  }
}
