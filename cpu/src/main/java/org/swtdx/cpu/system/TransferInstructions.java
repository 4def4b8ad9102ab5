package org.swtdx.cpu.system;

import static org.swtdx.cpu.decode.OpcodeTable.ANY;
import static org.swtdx.cpu.decode.OpcodeTable.ONE_BYTE;

import org.swtdx.cpu.Processor;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.core.VirtualFlags;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** Far JMP, CALL and RET, IRET, software interrupts, CLI and STI. */
final class TransferInstructions implements InstructionFamily {
  @Override
  public void register(OpcodeTable table) {
    Handler farCall =
        Handler.ending(
            (core, insn) ->
                of(core).farTransfers.call(insn, insn.immediate2 & 0xffff, offset(insn)));
    Handler farJump =
        Handler.ending(
            (core, insn) ->
                of(core).farTransfers.jump(insn, insn.immediate2 & 0xffff, offset(insn)));
    table.legacy(ONE_BYTE, ANY, 0x9a, insn -> insn.is64() ? null : farCall);
    table.legacy(ONE_BYTE, ANY, 0xea, insn -> insn.is64() ? null : farJump);
    Handler callMemory = Handler.ending((core, insn) -> throughMemory(core, insn, true));
    Handler jumpMemory = Handler.ending((core, insn) -> throughMemory(core, insn, false));
    table.group(ONE_BYTE, ANY, 0xff, 3, insn -> insn.memory ? callMemory : null);
    table.group(ONE_BYTE, ANY, 0xff, 5, insn -> insn.memory ? jumpMemory : null);
    Handler retRelease =
        Handler.ending(
            (core, insn) -> of(core).farReturns.ret(insn, (int) insn.immediate & 0xffff));
    Handler ret = Handler.ending((core, insn) -> of(core).farReturns.ret(insn, 0));
    Handler iret = Handler.ending((core, insn) -> of(core).farReturns.iret(insn));
    table.legacy(ONE_BYTE, ANY, 0xca, insn -> retRelease);
    table.legacy(ONE_BYTE, ANY, 0xcb, insn -> ret);
    table.legacy(ONE_BYTE, ANY, 0xcf, insn -> iret);
    interrupts(table);
    Handler cli = Handler.of(TransferInstructions::cli);
    Handler sti = Handler.ending(TransferInstructions::sti);
    table.legacy(ONE_BYTE, ANY, 0xfa, insn -> cli);
    table.legacy(ONE_BYTE, ANY, 0xfb, insn -> sti);
  }

  private static GuestSystem of(Core core) {
    return GuestSystem.of(core);
  }

  private static long offset(Insn insn) {
    return insn.size == 2 ? insn.immediate & 0xffff : insn.immediate & 0xffff_ffffL;
  }

  private static void throughMemory(Core core, Insn insn, boolean call) {
    int size = insn.size;
    long linear = core.address(insn, size + 2, false);
    long offset = core.load(linear, size);
    int selector = core.load16(linear + size);
    if (call) {
      of(core).farTransfers.call(insn, selector, offset);
    } else {
      of(core).farTransfers.jump(insn, selector, offset);
    }
  }

  private static void interrupts(OpcodeTable table) {
    Handler int1 =
        Handler.ending(
            (core, insn) -> {
              throw of(core).softwareEvent(insn, Core.DB, Processor.PRIVILEGED_SOFTWARE_EXCEPTION);
            });
    Handler int3 =
        Handler.ending(
            (core, insn) -> {
              throw of(core).softwareEvent(insn, Core.BP, Processor.SOFTWARE_EXCEPTION);
            });
    Handler into = Handler.ending(TransferInstructions::into);
    Handler intN = Handler.ending(TransferInstructions::interrupt);
    table.legacy(ONE_BYTE, ANY, 0xf1, insn -> int1);
    table.legacy(ONE_BYTE, ANY, 0xcc, insn -> int3);
    table.legacy(ONE_BYTE, ANY, 0xcd, insn -> intN);
    table.legacy(ONE_BYTE, ANY, 0xce, insn -> insn.is64() ? null : into);
  }

  private static void into(Core core, Insn insn) {
    if (core.flags.of()) {
      throw of(core).softwareEvent(insn, Core.OF, Processor.SOFTWARE_EXCEPTION);
    }
  }

  private static void interrupt(Core core, Insn insn) {
    boolean v86 = of(core).descriptors.virtual8086();
    if (v86 && of(core).redirection.redirect(insn)) {
      return;
    }
    if (v86 && (core.flags.control & Flags.IOPL) != Flags.IOPL) {
      throw core.raise(Core.GP, 0);
    }
    throw of(core).softwareEvent(insn, (int) insn.immediate & 0xff, Processor.SOFTWARE_INTERRUPT);
  }

  private static void checkIopl(Core core) {
    long iopl = core.flags.control >>> 12 & 3;
    boolean isProtected = (core.cr0 & Core.CR0_PE) != 0;
    if (isProtected && core.cpl > iopl) {
      throw core.raise(Core.GP, 0);
    }
  }

  private static void cli(Core core, Insn insn) {
    if (VirtualFlags.forInterrupts(core)) {
      core.flags.control &= ~Flags.VIF;
      return;
    }
    checkIopl(core);
    core.flags.control &= ~Flags.IF;
  }

  private static void sti(Core core, Insn insn) {
    if (VirtualFlags.forInterrupts(core)) {
      if ((core.flags.control & Flags.VIP) != 0) {
        throw core.raise(Core.GP, 0);
      }
      core.flags.control |= Flags.VIF;
      return;
    }
    checkIopl(core);
    if ((core.flags.control & Flags.IF) == 0) {
      core.flags.control |= Flags.IF;
      of(core).beginBlocking(GuestSystem.BLOCKED_BY_STI);
    }
  }
}
