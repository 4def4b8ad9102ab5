package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** DAA, DAS, AAA, AAS, AAM, AAD: decimal adjustments, outside 64-bit mode. */
final class DecimalInstructions implements InstructionFamily {
  private static final int RAX = 0;

  DecimalInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    row(table, 0x27, (core, insn) -> adjustPacked(core, false));
    row(table, 0x2f, (core, insn) -> adjustPacked(core, true));
    row(table, 0x37, (core, insn) -> adjustUnpacked(core, 1));
    row(table, 0x3f, (core, insn) -> adjustUnpacked(core, -1));
    row(table, 0xd4, DecimalInstructions::divide);
    row(table, 0xd5, DecimalInstructions::multiply);
  }

  private static void row(OpcodeTable table, int opcode, Handler.Operation operation) {
    Handler handler = Handler.of(operation);
    table.legacy(0, OpcodeTable.ANY, opcode, insn -> insn.is64() ? null : handler);
  }

  private static void setAx(Core core, int ax) {
    core.gpr[RAX] = core.gpr[RAX] & ~0xffffL | ax & 0xffff;
  }

  private static void adjustPacked(Core core, boolean subtract) {
    int al = (int) core.gpr[RAX] & 0xff;
    boolean oldCarry = core.flags.cf();
    int result = al;
    boolean carry = false;
    boolean auxiliary = (al & 0xf) > 9 || core.flags.af();
    if (auxiliary) {
      result += subtract ? -6 : 6;
      carry = oldCarry || (subtract ? al < 6 : al > 0xf9);
    }
    if (al > 0x99 || oldCarry) {
      result += subtract ? -0x60 : 0x60;
      carry = true;
    }
    core.gpr[RAX] = core.gpr[RAX] & ~0xffL | result & 0xff;
    core.flags.logic((byte) result);
    int status = core.flags.status() | (carry ? Flags.CF : 0) | (auxiliary ? Flags.AF : 0);
    core.flags.setStatus(status);
  }

  private static void adjustUnpacked(Core core, int sign) {
    int ax = (int) core.gpr[RAX] & 0xffff;
    boolean adjust = (ax & 0xf) > 9 || core.flags.af();
    if (adjust) {
      ax = sign > 0 ? ax + 0x106 : ax - 6 - 0x100;
    }
    setAx(core, ax & 0xff0f);
    core.flags.logic((byte) (ax & 0xf));
    int status = core.flags.status() | (adjust ? Flags.CF | Flags.AF : 0);
    core.flags.setStatus(status);
  }

  private static void divide(Core core, Insn insn) {
    int base = (int) insn.immediate & 0xff;
    if (base == 0) {
      throw core.raise(Core.DE);
    }
    int al = (int) core.gpr[RAX] & 0xff;
    setAx(core, al / base << 8 | al % base);
    core.flags.logic((byte) (al % base));
  }

  private static void multiply(Core core, Insn insn) {
    int ax = (int) core.gpr[RAX] & 0xffff;
    int result = (ax & 0xff) + (ax >> 8) * ((int) insn.immediate & 0xff) & 0xff;
    setAx(core, result);
    core.flags.logic((byte) result);
  }
}
