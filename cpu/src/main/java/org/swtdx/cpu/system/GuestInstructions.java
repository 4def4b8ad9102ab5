package org.swtdx.cpu.system;

import static org.swtdx.cpu.decode.OpcodeTable.ANY;
import static org.swtdx.cpu.decode.OpcodeTable.F3;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F38;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.ONE_BYTE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;
import org.swtdx.cpu.fpu.ExtendedRegisters;

/** Instructions whose point in a guest is that they may exit, and other processor control. */
final class GuestInstructions implements InstructionFamily {
  private static final long CR4_VMXE = 1 << 13, CR4_SMXE = 1 << 14;

  /** Register forms of 0F 01 without a prefix, by ModRM. */
  private final Map<Integer, Handler> plain = new HashMap<>();

  @Override
  public void register(OpcodeTable table) {
    exits(table);
    time(table);
    fillPlain();
    for (int i = 0; i < 8; i++) {
      table.group(MAP_0F, NONE, 0x01, i, this::plain);
    }
    Handler tdcall = Handler.ending(GuestInstructions::tdcall);
    table.group(MAP_0F, P66, 0x01, 1, insn -> !insn.memory && insn.modrm == 0xcc ? tdcall : null);
    vmx(table);
  }

  private @Nullable Handler plain(Insn insn) {
    return insn.memory ? null : plain.get(insn.modrm);
  }

  private static GuestSystem of(Core core) {
    return GuestSystem.of(core);
  }

  private static void checkPrivilege(Core core) {
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
  }

  private static void exits(OpcodeTable table) {
    Handler cpuid =
        Handler.of(
            (core, insn) -> {
              throw of(core).exit(ExitReason.CPUID);
            });
    Handler hlt = Handler.ending(GuestInstructions::hlt);
    Handler pause = Handler.ending(GuestInstructions::pause);
    Handler getsec = Handler.of(GuestInstructions::getsec);
    table.legacy(MAP_0F, ANY, 0xa2, insn -> cpuid);
    table.legacy(ONE_BYTE, ANY, 0xf4, insn -> hlt);
    table.legacy(ONE_BYTE, F3, 0x90, insn -> insn.rm == 0 ? pause : null);
    table.legacy(MAP_0F, NONE, 0x37, insn -> getsec);
  }

  private static void hlt(Core core, Insn insn) {
    checkPrivilege(core);
    GuestSystem system = of(core);
    if (system.controls.hltExiting) {
      throw system.exit(ExitReason.HLT);
    }
    system.activity = GuestSystem.HLT;
    core.requestAttention();
  }

  private static void pause(Core core, Insn insn) {
    if (of(core).controls.pauseExiting) {
      throw of(core).exit(ExitReason.PAUSE);
    }
    of(core).spinWait.hint();
  }

  private static void getsec(Core core, Insn insn) {
    if ((core.cr4 & CR4_SMXE) == 0) {
      throw core.raise(Core.UD);
    }
    throw of(core).exit(ExitReason.GETSEC);
  }

  private static void tdcall(Core core, Insn insn) {
    if (!of(core).controls.tdMode) {
      throw core.raise(Core.UD);
    }
    checkPrivilege(core);
    throw of(core).exit(ExitReason.TDCALL);
  }

  // Time.

  private static void time(OpcodeTable table) {
    Handler rdtsc = Handler.of((core, insn) -> readTsc(core, ExitReason.RDTSC));
    Handler rdpmc = Handler.of(GuestInstructions::rdpmc);
    Handler rdpid = Handler.of(GuestInstructions::rdpid);
    table.legacy(MAP_0F, ANY, 0x31, insn -> rdtsc);
    table.legacy(MAP_0F, ANY, 0x33, insn -> rdpmc);
    table.group(MAP_0F, F3, 0xc7, 7, insn -> insn.memory ? null : rdpid);
  }

  private static void readTsc(Core core, ExitReason reason) {
    if (core.cpl != 0 && (core.cr4 & ControlRegisters.CR4_TSD) != 0) {
      throw core.raise(Core.GP, 0);
    }
    if (of(core).controls.rdtscExiting) {
      throw of(core).exit(reason);
    }
    long tsc = of(core).msrs.tsc();
    core.gpr[0] = tsc & 0xffff_ffffL;
    core.gpr[2] = tsc >>> 32;
  }

  private static void rdtscp(Core core, Insn insn) {
    readTsc(core, ExitReason.RDTSCP);
    core.gpr[1] = of(core).msrs.get(Msrs.TSC_AUX);
  }

  private static void rdpmc(Core core, Insn insn) {
    if (core.cpl != 0 && (core.cr4 & ControlRegisters.CR4_PCE) == 0) {
      throw core.raise(Core.GP, 0);
    }
    if (of(core).controls.rdpmcExiting) {
      throw of(core).exit(ExitReason.RDPMC);
    }
    throw core.raise(Core.GP, 0);
  }

  private static void rdpid(Core core, Insn insn) {
    core.gpr[insn.rm] = of(core).msrs.get(Msrs.TSC_AUX);
  }

  // 0F 01 register forms.

  private void fillPlain() {
    plain.put(0xc1, exiting(ExitReason.VMCALL));
    plain.put(0xc2, vmxOnly(ExitReason.VMLAUNCH));
    plain.put(0xc3, vmxOnly(ExitReason.VMRESUME));
    plain.put(0xc4, vmxOnly(ExitReason.VMXOFF));
    plain.put(0xc8, Handler.of(GuestInstructions::monitor));
    plain.put(0xc9, Handler.of(GuestInstructions::mwait));
    plain.put(0xca, Handler.ending((core, insn) -> setAc(core, false)));
    plain.put(0xcb, Handler.ending((core, insn) -> setAc(core, true)));
    plain.put(0xd0, Handler.of(GuestInstructions::xgetbv));
    plain.put(0xd1, Handler.of(GuestInstructions::xsetbv));
    plain.put(0xee, Handler.of(GuestInstructions::rdpkru));
    plain.put(0xef, Handler.ending(GuestInstructions::wrpkru));
    plain.put(0xf9, Handler.of(GuestInstructions::rdtscp));
  }

  private static Handler exiting(ExitReason reason) {
    return Handler.ending(
        (core, insn) -> {
          throw of(core).exit(reason);
        });
  }

  private static Handler vmxOnly(ExitReason reason) {
    return Handler.ending(
        (core, insn) -> {
          if ((core.cr4 & CR4_VMXE) == 0 || (core.cr0 & Core.CR0_PE) == 0) {
            throw core.raise(Core.UD);
          }
          if (insn.memory || insn.map == MAP_0F38) {
            of(core).exit.instructionInfo = InstructionInformation.withRegister(insn);
          }
          throw of(core).exit(reason, insn.memory ? InstructionInformation.displacement(insn) : 0);
        });
  }

  private static void vmx(OpcodeTable table) {
    Handler vmread = vmxOnly(ExitReason.VMREAD);
    Handler vmwrite = vmxOnly(ExitReason.VMWRITE);
    Handler invept = vmxOnly(ExitReason.INVEPT);
    Handler invvpid = vmxOnly(ExitReason.INVVPID);
    Handler vmptrld = vmxOnly(ExitReason.VMPTRLD);
    Handler vmptrst = vmxOnly(ExitReason.VMPTRST);
    Handler vmclear = vmxOnly(ExitReason.VMCLEAR);
    Handler vmxon = vmxOnly(ExitReason.VMXON);
    table.legacy(MAP_0F, NONE, 0x78, insn -> vmread);
    table.legacy(MAP_0F, NONE, 0x79, insn -> vmwrite);
    table.legacy(MAP_0F38, P66, 0x80, insn -> insn.memory ? invept : null);
    table.legacy(MAP_0F38, P66, 0x81, insn -> insn.memory ? invvpid : null);
    table.group(MAP_0F, NONE, 0xc7, 6, insn -> insn.memory ? vmptrld : null);
    table.group(MAP_0F, NONE, 0xc7, 7, insn -> insn.memory ? vmptrst : null);
    table.group(MAP_0F, P66, 0xc7, 6, insn -> insn.memory ? vmclear : null);
    table.group(MAP_0F, F3, 0xc7, 6, insn -> insn.memory ? vmxon : null);
  }

  private static void monitor(Core core, Insn insn) {
    if (core.cpl != 0) {
      throw core.raise(Core.UD);
    }
    if (of(core).controls.monitorExiting) {
      throw of(core).exit(ExitReason.MONITOR);
    }
    if ((int) core.gpr[1] != 0) {
      throw core.raise(Core.GP, 0);
    }
    long offset = core.gpr[0] & insn.addressMask;
    core.probeRead(core.address(insn.segment, offset, 1, false), 1);
  }

  private static void mwait(Core core, Insn insn) {
    if (core.cpl != 0) {
      throw core.raise(Core.UD);
    }
    if (of(core).controls.mwaitExiting) {
      throw of(core).exit(ExitReason.MWAIT);
    }
    of(core).spinWait.hint();
  }

  private static void setAc(Core core, boolean set) {
    if (core.cpl != 0) {
      throw core.raise(Core.UD);
    }
    if (set) {
      core.flags.control |= Flags.AC;
    } else {
      core.flags.control &= ~(long) Flags.AC;
    }
    core.modeChanged();
  }

  private static void checkXsave(Core core) {
    if ((core.cr4 & ControlRegisters.CR4_OSXSAVE) == 0) {
      throw core.raise(Core.UD);
    }
  }

  private static void xgetbv(Core core, Insn insn) {
    checkXsave(core);
    int index = (int) core.gpr[1];
    if (index != 0 && index != 1) {
      throw core.raise(Core.GP, 0);
    }
    long value = index == 0 ? core.xcr0 : core.xcr0 & ExtendedRegisters.inUse(core);
    core.gpr[0] = value & 0xffff_ffffL;
    core.gpr[2] = value >>> 32;
  }

  private static void xsetbv(Core core, Insn insn) {
    checkXsave(core);
    checkPrivilege(core);
    throw of(core).exit(ExitReason.XSETBV);
  }

  private static void checkPkru(Core core) {
    if ((core.cr4 & ControlRegisters.CR4_PKE) == 0) {
      throw core.raise(Core.UD);
    }
    if ((int) core.gpr[1] != 0) {
      throw core.raise(Core.GP, 0);
    }
  }

  private static void rdpkru(Core core, Insn insn) {
    checkPkru(core);
    core.gpr[0] = of(core).mmu.pkru() & 0xffff_ffffL;
    core.gpr[2] = 0;
  }

  private static void wrpkru(Core core, Insn insn) {
    checkPkru(core);
    if ((int) core.gpr[2] != 0) {
      throw core.raise(Core.GP, 0);
    }
    of(core).mmu.setPkru(core, (int) core.gpr[0]);
  }
}
