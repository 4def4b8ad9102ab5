package org.swtdx.cpu.system;

import static org.swtdx.cpu.decode.OpcodeTable.ALL;
import static org.swtdx.cpu.decode.OpcodeTable.ANY;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.ONE_BYTE;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** SLDT, STR, LLDT, LTR, VERR, VERW, LAR, LSL, ARPL and the descriptor-table registers. */
final class TableInstructions implements InstructionFamily {
  @Override
  public void register(OpcodeTable table) {
    Handler sldt = Handler.of((core, insn) -> storeSelector(core, insn, SegmentRegister.LDTR));
    Handler str = Handler.of((core, insn) -> storeSelector(core, insn, SegmentRegister.TR));
    Handler lldt = Handler.ending(TableInstructions::lldt);
    Handler ltr = Handler.ending(TableInstructions::ltr);
    Handler verr = Handler.of((core, insn) -> verify(core, insn, false));
    Handler verw = Handler.of((core, insn) -> verify(core, insn, true));
    Handler[] group = {sldt, str, lldt, ltr, verr, verw};
    for (int i = 0; i < group.length; i++) {
      Handler handler = group[i];
      table.group(MAP_0F, ANY, 0x00, i, insn -> handler);
    }
    Handler lar = Handler.of((core, insn) -> inspect(core, insn, false));
    Handler lsl = Handler.of((core, insn) -> inspect(core, insn, true));
    table.legacy(MAP_0F, ANY, 0x02, insn -> lar);
    table.legacy(MAP_0F, ANY, 0x03, insn -> lsl);
    Handler arpl = Handler.of(TableInstructions::arpl);
    table.group(ONE_BYTE, ANY, 0x63, ALL, insn -> insn.is64() ? null : arpl);
    Handler sgdt = Handler.of((core, insn) -> storeTable(core, insn, core.gdtBase, core.gdtLimit));
    Handler sidt = Handler.of((core, insn) -> storeTable(core, insn, core.idtBase, core.idtLimit));
    Handler lgdt = Handler.of((core, insn) -> loadTable(core, insn, true));
    Handler lidt = Handler.of((core, insn) -> loadTable(core, insn, false));
    table.group(MAP_0F, ANY, 0x01, 0, insn -> insn.memory ? sgdt : null);
    table.group(MAP_0F, ANY, 0x01, 1, insn -> insn.memory ? sidt : null);
    table.group(MAP_0F, ANY, 0x01, 2, insn -> insn.memory ? lgdt : null);
    table.group(MAP_0F, ANY, 0x01, 3, insn -> insn.memory ? lidt : null);
  }

  private static Descriptors descriptors(Core core) {
    return GuestSystem.of(core).descriptors;
  }

  private static void requireProtected(Core core) {
    if (descriptors(core).realMode() || descriptors(core).virtual8086()) {
      throw core.raise(Core.UD);
    }
  }

  /** #GP(0) for what UMIP takes away from user code. */
  static void checkUmip(Core core) {
    if (core.cpl > 0 && (core.cr4 & Core.CR4_UMIP) != 0) {
      throw core.raise(Core.GP, 0);
    }
  }

  private static void checkPrivilege(Core core) {
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
  }

  private static int source(Core core, Insn insn) {
    return insn.memory
        ? core.load16(core.address(insn, 2, false))
        : (int) core.gpr[insn.rm] & 0xffff;
  }

  private static void storeSelector(Core core, Insn insn, int register) {
    requireProtected(core);
    checkUmip(core);
    if (insn.memory) {
      core.store16(core.address(insn, 2, true), core.selector[register]);
    } else {
      SegmentInstructions.writeRegister(core, insn.rm, insn.size, core.selector[register]);
    }
  }

  private static void lldt(Core core, Insn insn) {
    requireProtected(core);
    checkPrivilege(core);
    descriptors(core).loadLdt(source(core, insn));
  }

  private static void ltr(Core core, Insn insn) {
    requireProtected(core);
    checkPrivilege(core);
    descriptors(core).loadTask(source(core, insn));
  }

  private static void storeTable(Core core, Insn insn, long base, int limit) {
    checkUmip(core);
    int size = insn.is64() ? 8 : 4;
    long linear = core.address(insn, 2 + size, true);
    core.probeWrite(linear, 2 + size);
    core.store16(linear, limit);
    core.store(linear + 2, size, base);
  }

  private static void loadTable(Core core, Insn insn, boolean global) {
    checkPrivilege(core);
    int size = insn.is64() ? 8 : 4;
    long linear = core.address(insn, 2 + size, false);
    int limit = core.load16(linear);
    long base = core.load(linear + 2, size);
    if (insn.is64()) {
      if (!descriptors(core).canonicalBase(base)) {
        throw core.raise(Core.GP, 0);
      }
    } else if (insn.size == 2) {
      base &= 0xff_ffff;
    }
    if (global) {
      core.gdtBase = base;
      core.gdtLimit = limit;
    } else {
      core.idtBase = base;
      core.idtLimit = limit;
    }
  }

  /** The descriptor of a selector that the program may see, or -1. */
  private static long visible(Core core, int selector) {
    if ((selector & 0xfffc) == 0 || !descriptors(core).exists(selector)) {
      return -1;
    }
    long descriptor = descriptors(core).read(selector, Core.GP, 0);
    boolean conformingCode = Descriptors.isCode(descriptor) && Descriptors.conforming(descriptor);
    boolean allowed =
        conformingCode || Descriptors.dpl(descriptor) >= Math.max(core.cpl, selector & 3);
    return allowed ? descriptor : -1;
  }

  private static void verify(Core core, Insn insn, boolean write) {
    requireProtected(core);
    long descriptor = visible(core, source(core, insn));
    boolean code = Descriptors.isCode(descriptor);
    boolean bit1 = (Descriptors.type(descriptor) & 2) != 0;
    boolean usable = write ? !code && bit1 : !code || bit1;
    core.flags.setZero(descriptor != -1 && Descriptors.isSegment(descriptor) && usable);
  }

  private static void inspect(Core core, Insn insn, boolean limit) {
    requireProtected(core);
    long descriptor = visible(core, source(core, insn));
    boolean valid = descriptor != -1 && inspectable(core, descriptor, limit);
    if (valid) {
      long value =
          limit ? Descriptors.limit(descriptor) & 0xffff_ffffL : descriptor >>> 32 & 0x00f0_ff00L;
      SegmentInstructions.writeRegister(core, insn.reg, insn.size, value);
    }
    core.flags.setZero(valid);
  }

  private static boolean inspectable(Core core, long descriptor, boolean limit) {
    if (Descriptors.isSegment(descriptor)) {
      return true;
    }
    boolean longMode = (core.efer & Core.EFER_LMA) != 0;
    int forLar = longMode ? 0b0001_1010_0000_0100 : 0b0001_1010_0011_1110;
    int forLsl = longMode ? 0b0000_1010_0000_0100 : 0b0000_1010_0000_1110;
    return ((limit ? forLsl : forLar) >>> Descriptors.type(descriptor) & 1) != 0;
  }

  private static void arpl(Core core, Insn insn) {
    requireProtected(core);
    int rpl = (int) core.gpr[insn.reg] & 3;
    long linear = insn.memory ? core.address(insn, 2, true) : 0;
    int value =
        insn.memory ? (int) core.loadForUpdate(linear, 2) : (int) core.gpr[insn.rm] & 0xffff;
    boolean raise = (value & 3) < rpl;
    if (raise) {
      int adjusted = value & ~3 | rpl;
      if (insn.memory) {
        core.store16(linear, adjusted);
      } else {
        SegmentInstructions.writeRegister(core, insn.rm, 2, adjusted);
      }
    }
    core.flags.setZero(raise);
  }
}
