package org.swtdx.cpu.system;

import static org.swtdx.cpu.decode.OpcodeTable.ANY;
import static org.swtdx.cpu.decode.OpcodeTable.F3;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F38;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.ONE_BYTE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** Control, debug and model-specific registers, TLB and caches, ports, bases, direct stores. */
final class ControlInstructions implements InstructionFamily {
  /** Bytes of a cache line. */
  private static final int LINE = 64;

  @Override
  public void register(OpcodeTable table) {
    registers(table);
    ports(table);
    Handler smsw = Handler.of(ControlInstructions::smsw);
    Handler lmsw = Handler.ending(ControlInstructions::lmsw);
    Handler invlpg = Handler.ending(ControlInstructions::invlpg);
    table.group(MAP_0F, ANY, 0x01, 4, insn -> smsw);
    table.group(MAP_0F, ANY, 0x01, 6, insn -> lmsw);
    table.group(MAP_0F, ANY, 0x01, 7, insn -> insn.memory ? invlpg : null);
    Handler invpcid = Handler.ending(ControlInstructions::invpcid);
    table.legacy(MAP_0F38, P66, 0x82, insn -> insn.memory ? invpcid : null);
    Handler invd = Handler.of((core, insn) -> invalidateCaches(core, true));
    Handler wbinvd = Handler.of((core, insn) -> invalidateCaches(core, false));
    table.legacy(MAP_0F, ANY, 0x08, insn -> invd);
    table.legacy(MAP_0F, ANY, 0x09, insn -> wbinvd);
    segmentBases(table);
    directStores(table);
  }

  private static void directStores(OpcodeTable table) {
    Handler movdiri = Handler.of(ControlInstructions::movdiri);
    Handler movdir64b = Handler.of(ControlInstructions::movdir64b);
    table.legacy(MAP_0F38, NONE, 0xf9, insn -> insn.memory ? movdiri : null);
    table.legacy(MAP_0F38, P66, 0xf8, insn -> insn.memory ? movdir64b : null);
  }

  private static void movdiri(Core core, Insn insn) {
    int size = insn.size == 8 ? 8 : 4;
    core.store(core.address(insn, size, true), size, core.gpr[insn.reg]);
  }

  private static void movdir64b(Core core, Insn insn) {
    long source = core.address(insn, LINE, false);
    long offset = core.gpr[insn.reg] & insn.addressMask;
    long target = core.address(SegmentRegister.ES, offset, LINE, true);
    if ((target & LINE - 1) != 0) {
      throw core.raise(Core.GP, 0);
    }
    byte[] line = new byte[LINE];
    ByteBuffer buffer = ByteBuffer.wrap(line).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < LINE; i += 8) {
      buffer.putLong(i, core.load64(source + i));
    }
    of(core).mmu.storeLine(core, target, line);
  }

  private static GuestSystem of(Core core) {
    return GuestSystem.of(core);
  }

  private static void registers(OpcodeTable table) {
    Handler fromCr = Handler.of((core, insn) -> of(core).controlRegisters.moveFrom(insn));
    Handler toCr = Handler.ending((core, insn) -> of(core).controlRegisters.moveTo(insn));
    Handler fromDr = Handler.of((core, insn) -> of(core).debugging.moveFrom(insn));
    Handler toDr = Handler.ending((core, insn) -> of(core).debugging.moveTo(insn));
    Handler clts = Handler.ending((core, insn) -> of(core).controlRegisters.clts());
    Handler rdmsr = Handler.of((core, insn) -> of(core).msrs.rdmsr());
    Handler wrmsr = Handler.ending((core, insn) -> of(core).msrs.wrmsr());
    table.legacy(MAP_0F, ANY, 0x20, insn -> fromCr);
    table.legacy(MAP_0F, ANY, 0x22, insn -> toCr);
    table.legacy(MAP_0F, ANY, 0x21, insn -> fromDr);
    table.legacy(MAP_0F, ANY, 0x23, insn -> toDr);
    table.legacy(MAP_0F, ANY, 0x06, insn -> clts);
    table.legacy(MAP_0F, ANY, 0x32, insn -> rdmsr);
    table.legacy(MAP_0F, ANY, 0x30, insn -> wrmsr);
  }

  private static void ports(OpcodeTable table) {
    for (int wide = 0; wide < 2; wide++) {
      Handler inImmediate = Handler.of((core, insn) -> of(core).portIo.in(insn, true));
      Handler outImmediate = Handler.of((core, insn) -> of(core).portIo.out(insn, true));
      Handler in = Handler.of((core, insn) -> of(core).portIo.in(insn, false));
      Handler out = Handler.of((core, insn) -> of(core).portIo.out(insn, false));
      Handler ins = Handler.ending((core, insn) -> of(core).portIo.string(insn, true));
      Handler outs = Handler.ending((core, insn) -> of(core).portIo.string(insn, false));
      table.legacy(ONE_BYTE, ANY, 0xe4 + wide, insn -> inImmediate);
      table.legacy(ONE_BYTE, ANY, 0xe6 + wide, insn -> outImmediate);
      table.legacy(ONE_BYTE, ANY, 0xec + wide, insn -> in);
      table.legacy(ONE_BYTE, ANY, 0xee + wide, insn -> out);
      table.legacy(ONE_BYTE, ANY, 0x6c + wide, insn -> ins);
      table.legacy(ONE_BYTE, ANY, 0x6e + wide, insn -> outs);
    }
  }

  private static void smsw(Core core, Insn insn) {
    TableInstructions.checkUmip(core);
    long value = of(core).controlRegisters.read(0);
    if (insn.memory) {
      core.store16(core.address(insn, 2, true), (int) value);
    } else {
      SegmentInstructions.writeRegister(core, insn.rm, insn.size, value);
    }
  }

  private static void lmsw(Core core, Insn insn) {
    if (insn.memory) {
      long linear = core.address(insn, 2, false);
      of(core).controlRegisters.lmsw(core.load16(linear), linear);
    } else {
      of(core).controlRegisters.lmsw((int) core.gpr[insn.rm] & 0xffff, -1);
    }
  }

  private static void checkPrivilege(Core core) {
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
  }

  private static void invlpg(Core core, Insn insn) {
    checkPrivilege(core);
    long linear = core.effectiveBase[insn.segment] + core.effectiveAddress(insn);
    if (of(core).controls.invlpgExiting) {
      throw of(core).exit(ExitReason.INVLPG, linear);
    }
    if (of(core).descriptors.canonicalBase(linear)) {
      of(core).mmu.flushPage(core, linear);
    }
  }

  private static void invpcid(Core core, Insn insn) {
    checkPrivilege(core);
    if (of(core).controls.invlpgExiting) {
      of(core).exit.instructionInfo = InstructionInformation.withRegister(insn);
      throw of(core).exit(ExitReason.INVPCID, InstructionInformation.displacement(insn));
    }
    long type = insn.is64() ? core.gpr[insn.reg] : core.gpr[insn.reg] & 0xffff_ffffL;
    long linear = core.address(insn, 16, false);
    long pcid = core.load64(linear);
    long address = core.load64(linear + 8);
    boolean pcids = (core.cr4 & ControlRegisters.CR4_PCIDE) != 0;
    boolean legal =
        Long.compareUnsigned(type, 3) <= 0
            && (pcid & ~0xfffL) == 0
            && (type > 1 || pcids || pcid == 0)
            && (type != 0 || of(core).descriptors.canonicalBase(address));
    if (!legal) {
      throw core.raise(Core.GP, 0);
    }
    core.flushTlb();
  }

  private static void invalidateCaches(Core core, boolean discard) {
    checkPrivilege(core);
    if (discard) {
      throw of(core).exit(ExitReason.INVD);
    }
    if (of(core).controls.wbinvdExiting) {
      throw of(core).exit(ExitReason.WBINVD);
    }
  }

  private static void segmentBases(OpcodeTable table) {
    for (int i = 0; i < 4; i++) {
      int register = (i & 1) == 0 ? SegmentRegister.FS : SegmentRegister.GS;
      Handler handler =
          i < 2
              ? Handler.of((core, insn) -> readBase(core, insn, register))
              : Handler.of((core, insn) -> writeBase(core, insn, register));
      table.group(MAP_0F, F3, 0xae, i, insn -> insn.is64() && !insn.memory ? handler : null);
    }
    Handler serialize = Handler.ending((core, insn) -> core.noticeForeignCode());
    table.group(
        MAP_0F, NONE, 0x01, 5, insn -> !insn.memory && insn.modrm == 0xe8 ? serialize : null);
  }

  private static void checkFsGsBase(Core core) {
    if ((core.cr4 & ControlRegisters.CR4_FSGSBASE) == 0) {
      throw core.raise(Core.UD);
    }
  }

  private static void readBase(Core core, Insn insn, int register) {
    checkFsGsBase(core);
    SegmentInstructions.writeRegister(core, insn.rm, insn.size, core.segmentBase[register]);
  }

  private static void writeBase(Core core, Insn insn, int register) {
    checkFsGsBase(core);
    long value = insn.size == 8 ? core.gpr[insn.rm] : core.gpr[insn.rm] & 0xffff_ffffL;
    if (!of(core).descriptors.canonicalBase(value)) {
      throw core.raise(Core.GP, 0);
    }
    of(core).msrs.setBase(register, value);
  }
}
