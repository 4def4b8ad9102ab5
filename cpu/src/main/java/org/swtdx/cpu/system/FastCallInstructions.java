package org.swtdx.cpu.system;

import static org.swtdx.cpu.decode.OpcodeTable.ANY;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** SYSCALL, SYSRET, SYSENTER, SYSEXIT and SWAPGS. */
final class FastCallInstructions implements InstructionFamily {
  private static final int CODE_64 = 0xa09b, CODE_32 = 0xc09b, DATA_32 = 0xc093;

  @Override
  public void register(OpcodeTable table) {
    Handler syscall = Handler.ending(FastCallInstructions::syscall);
    Handler sysret = Handler.ending(FastCallInstructions::sysret);
    Handler sysenter = Handler.ending(FastCallInstructions::sysenter);
    Handler sysexit = Handler.ending(FastCallInstructions::sysexit);
    Handler swapgs = Handler.of(FastCallInstructions::swapgs);
    table.legacy(MAP_0F, ANY, 0x05, insn -> insn.is64() ? syscall : null);
    table.legacy(MAP_0F, ANY, 0x07, insn -> insn.is64() ? sysret : null);
    table.legacy(MAP_0F, ANY, 0x34, insn -> sysenter);
    table.legacy(MAP_0F, ANY, 0x35, insn -> sysexit);
    table.group(
        MAP_0F,
        NONE,
        0x01,
        7,
        insn -> !insn.memory && insn.modrm == 0xf8 && insn.is64() ? swapgs : null);
  }

  private static Msrs msrs(Core core) {
    return GuestSystem.of(core).msrs;
  }

  /** Loads CS and SS flat, as these instructions do without looking at descriptors. */
  private static void flat(Core core, int cs, int ss, int codeRights, int level) {
    set(core, SegmentRegister.CS, cs, codeRights | level << 5);
    set(core, SegmentRegister.SS, ss, DATA_32 | level << 5);
    core.cpl = level;
  }

  private static void set(Core core, int register, int selector, int rights) {
    core.selector[register] = selector & 0xffff;
    core.segmentBase[register] = 0;
    core.segmentLimit[register] = -1;
    core.accessRights[register] = rights;
  }

  private static void syscall(Core core, Insn insn) {
    if ((core.efer & Core.EFER_SCE) == 0) {
      throw core.raise(Core.UD);
    }
    long flags = core.getFlags();
    core.gpr[1] = insn.nextRip();
    core.gpr[11] = flags & ~(long) Flags.RF;
    core.rip = msrs(core).get(Msrs.LSTAR);
    core.setFlags(flags & ~msrs(core).get(Msrs.FMASK) & ~(long) Flags.RF);
    int selector = (int) (msrs(core).get(Msrs.STAR) >>> 32) & 0xfffc;
    flat(core, selector, selector + 8, CODE_64, 0);
    core.modeChanged();
  }

  private static void sysret(Core core, Insn insn) {
    if ((core.efer & Core.EFER_SCE) == 0) {
      throw core.raise(Core.UD);
    }
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
    boolean to64 = insn.has(Insn.W);
    long target = to64 ? core.gpr[1] : core.gpr[1] & 0xffff_ffffL;
    if (!GuestSystem.of(core).descriptors.canonical(target)) {
      throw core.raise(Core.GP, 0);
    }
    core.setFlags(core.gpr[11] & 0x3c_7fd7);
    int selector = (int) (msrs(core).get(Msrs.STAR) >>> 48);
    flat(core, selector + (to64 ? 16 : 0) | 3, selector + 8 | 3, to64 ? CODE_64 : CODE_32, 3);
    core.rip = target;
    core.modeChanged();
    core.requestAttention();
  }

  private static void sysenter(Core core, Insn insn) {
    int selector = (int) msrs(core).get(Msrs.SYSENTER_CS) & 0xfffc;
    if ((core.cr0 & Core.CR0_PE) == 0 || selector == 0) {
      throw core.raise(Core.GP, 0);
    }
    boolean longMode = (core.efer & Core.EFER_LMA) != 0;
    long mask = longMode ? -1 : 0xffff_ffffL;
    core.flags.control &= ~(long) (Flags.VM | Flags.IF | Flags.RF);
    core.gpr[4] = msrs(core).get(Msrs.SYSENTER_ESP) & mask;
    core.rip = msrs(core).get(Msrs.SYSENTER_EIP) & mask;
    flat(core, selector, selector + 8, longMode ? CODE_64 : CODE_32, 0);
    core.modeChanged();
  }

  private static void sysexit(Core core, Insn insn) {
    int selector = (int) msrs(core).get(Msrs.SYSENTER_CS) & 0xfffc;
    if ((core.cr0 & Core.CR0_PE) == 0 || selector == 0 || core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
    boolean to64 = insn.has(Insn.W);
    long mask = to64 ? -1 : 0xffff_ffffL;
    long target = core.gpr[2] & mask;
    long stack = core.gpr[1] & mask;
    Descriptors descriptors = GuestSystem.of(core).descriptors;
    if (to64 && (!descriptors.canonical(target) || !descriptors.canonical(stack))) {
      throw core.raise(Core.GP, 0);
    }
    int cs = selector + (to64 ? 32 : 16) | 3;
    flat(core, cs, cs + 8, to64 ? CODE_64 : CODE_32, 3);
    core.gpr[4] = stack;
    core.rip = target;
    core.modeChanged();
  }

  private static void swapgs(Core core, Insn insn) {
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
    long kernel = msrs(core).get(Msrs.KERNEL_GS_BASE);
    msrs(core).put(Msrs.KERNEL_GS_BASE, core.segmentBase[SegmentRegister.GS]);
    msrs(core).setBase(SegmentRegister.GS, kernel);
  }
}
