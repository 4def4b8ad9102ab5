package org.swtdx.cpu.system;

import static org.swtdx.cpu.decode.OpcodeTable.ANY;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.ONE_BYTE;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.HandlerFactory;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** MOV, PUSH and POP of segment registers, LDS and relatives. */
final class SegmentInstructions implements InstructionFamily {
  @Override
  public void register(OpcodeTable table) {
    Handler store = Handler.of(SegmentInstructions::store);
    Handler load = Handler.ending(SegmentInstructions::load);
    table.legacy(ONE_BYTE, ANY, 0x8c, insn -> insn.extension() < 6 ? store : null);
    table.legacy(
        ONE_BYTE,
        ANY,
        0x8e,
        insn -> insn.extension() < 6 && insn.extension() != SegmentRegister.CS ? load : null);
    pushPop(table, ONE_BYTE, 0x06, SegmentRegister.ES, false);
    pushPop(table, ONE_BYTE, 0x0e, SegmentRegister.CS, false);
    pushPop(table, ONE_BYTE, 0x16, SegmentRegister.SS, false);
    pushPop(table, ONE_BYTE, 0x1e, SegmentRegister.DS, false);
    pushPop(table, MAP_0F, 0xa0, SegmentRegister.FS, true);
    pushPop(table, MAP_0F, 0xa8, SegmentRegister.GS, true);
    table.legacy(ONE_BYTE, ANY, 0xc4, far(SegmentRegister.ES, false));
    table.legacy(ONE_BYTE, ANY, 0xc5, far(SegmentRegister.DS, false));
    table.legacy(MAP_0F, ANY, 0xb2, far(SegmentRegister.SS, true));
    table.legacy(MAP_0F, ANY, 0xb4, far(SegmentRegister.FS, true));
    table.legacy(MAP_0F, ANY, 0xb5, far(SegmentRegister.GS, true));
  }

  private static void pushPop(OpcodeTable table, int map, int opcode, int register, boolean in64) {
    Handler push = Handler.of((core, insn) -> push(core, insn, register));
    Handler pop = Handler.ending((core, insn) -> pop(core, insn, register));
    table.legacy(map, ANY, opcode, insn -> in64 || !insn.is64() ? push : null);
    if (register != SegmentRegister.CS) {
      table.legacy(map, ANY, opcode + 1, insn -> in64 || !insn.is64() ? pop : null);
    }
  }

  private static HandlerFactory far(int register, boolean in64) {
    Handler handler = Handler.ending((core, insn) -> loadFar(core, insn, register));
    return insn -> insn.memory && (in64 || !insn.is64()) ? handler : null;
  }

  private static void store(Core core, Insn insn) {
    int selector = core.selector[insn.extension()];
    if (insn.memory) {
      core.store16(core.address(insn, 2, true), selector);
    } else {
      writeRegister(core, insn.rm, insn.size, selector);
    }
  }

  /** Writes a general register with the rules of its operand size. */
  static void writeRegister(Core core, int register, int size, long value) {
    core.gpr[register] =
        switch (size) {
          case 2 -> core.gpr[register] & ~0xffffL | value & 0xffff;
          case 4 -> value & 0xffff_ffffL;
          default -> value;
        };
  }

  private static void load(Core core, Insn insn) {
    int selector =
        insn.memory ? core.load16(core.address(insn, 2, false)) : (int) core.gpr[insn.rm] & 0xffff;
    loadRegister(core, insn.extension(), selector);
  }

  private static void loadRegister(Core core, int register, int selector) {
    GuestSystem system = GuestSystem.of(core);
    system.descriptors.load(register, selector);
    if (register == SegmentRegister.SS) {
      system.beginBlocking(GuestSystem.BLOCKED_BY_MOV_SS);
    }
  }

  private static int stackUnit(Insn insn) {
    if (insn.is64()) {
      return insn.has(Insn.OPSIZE) && !insn.has(Insn.W) ? 2 : 8;
    }
    return insn.size;
  }

  private static void push(Core core, Insn insn, int register) {
    int unit = stackUnit(insn);
    long mask = core.stackMask;
    long offset = core.gpr[4] - unit & mask;
    int width = unit == 4 ? 2 : unit;
    long linear = core.address(SegmentRegister.SS, offset, width, true);
    core.store(linear, width, core.selector[register]);
    core.gpr[4] = mask == 0xffff ? core.gpr[4] & ~mask | offset : offset;
  }

  private static void pop(Core core, Insn insn, int register) {
    int unit = stackUnit(insn);
    long mask = core.stackMask;
    long offset = core.gpr[4] & mask;
    int selector = core.load16(core.address(SegmentRegister.SS, offset, 2, false));
    loadRegister(core, register, selector);
    long next = offset + unit & mask;
    core.gpr[4] = mask == 0xffff ? core.gpr[4] & ~mask | next : next;
  }

  private static void loadFar(Core core, Insn insn, int register) {
    int size = insn.size;
    long linear = core.address(insn, size + 2, false);
    long offset = core.load(linear, size);
    int selector = core.load16(linear + size);
    GuestSystem.of(core).descriptors.load(register, selector);
    writeRegister(core, insn.reg, size, offset);
  }
}
