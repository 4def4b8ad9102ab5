package org.swtdx.cpu.system;

import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.core.Insn;

/**
 * CR0, CR3, CR4, CR8, EFER and XCR0: host-owned bits, exits, the checks of MOV to CR, and what a
 * change entails; SDM Vol. 3A 2.5 and 5.3, Vol. 3C 27.1.3 and 27.3.
 */
final class ControlRegisters {
  static final long CR0_ET = 0x10, CR0_NW = 1L << 29, CR0_CD = 1L << 30;
  static final long CR4_VME = 1, CR4_PVI = 2, CR4_TSD = 4, CR4_DE = 8, CR4_PGE = 0x80;
  static final long CR4_PCE = 0x100, CR4_OSXSAVE = 1L << 18, CR4_PCIDE = 1L << 17;
  static final long CR4_FSGSBASE = 1L << 16, CR4_PKE = 1L << 22, CR4_CET = 1L << 23;

  private static final long CR0_DEFINED =
      Core.CR0_PE
          | Core.CR0_MP
          | Core.CR0_EM
          | Core.CR0_TS
          | CR0_ET
          | Core.CR0_NE
          | Core.CR0_WP
          | Core.CR0_AM
          | CR0_NW
          | CR0_CD
          | Core.CR0_PG;

  /** VME to PCE, OSFXSR, OSXMMEXCPT, UMIP, LA57, VMXE, FSGSBASE, PCIDE, OSXSAVE, SMEP to PKS. */
  private static final long CR4_DEFINED = 0x177_3fff & ~CR4_CET;

  /** Bits whose change drops cached translations. */
  private static final long CR0_PAGING = Core.CR0_PE | Core.CR0_WP | Core.CR0_PG;

  private static final long CR4_PAGING =
      Core.CR4_PSE
          | Core.CR4_PAE
          | CR4_PGE
          | CR4_PCIDE
          | Core.CR4_LA57
          | Core.CR4_SMEP
          | Core.CR4_SMAP
          | CR4_PKE
          | 1L << 24;

  private final GuestSystem system;
  private final Core core;
  private boolean pointersStale;

  ControlRegisters(GuestSystem system) {
    this.system = system;
    this.core = system.core;
  }

  // Reading.

  long read(int number) {
    return switch (number) {
      case 0 ->
          core.cr0 & ~system.controls.cr0Mask
              | system.controls.cr0ReadShadow & system.controls.cr0Mask;
      case 2 -> core.cr2;
      case 3 -> core.cr3;
      case 4 -> cr4();
      default -> system.apic.taskPriority() >>> 4;
    };
  }

  /** CR4 as the guest reads it. */
  long cr4() {
    return core.cr4 & ~system.controls.cr4Mask
        | system.controls.cr4ReadShadow & system.controls.cr4Mask;
  }

  // MOV to and from control registers.

  private void checkAccess(int number) {
    boolean exists = number == 0 || number >= 2 && number <= 4 || number == 8;
    if (!exists) {
      throw core.raise(Core.UD);
    }
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
  }

  void moveFrom(Insn insn) {
    int number = insn.reg;
    checkAccess(number);
    boolean exits =
        number == 3 && system.controls.cr3Exiting || number == 8 && system.controls.cr8Exiting;
    if (exits) {
      throw system.exit(ExitReason.CONTROL_REGISTER, number | 1 << 4 | insn.rm << 8);
    }
    long value = read(number);
    core.gpr[insn.rm] = core.code64 ? value : value & 0xffff_ffffL;
  }

  void moveTo(Insn insn) {
    int number = insn.reg;
    checkAccess(number);
    long value = core.code64 ? core.gpr[insn.rm] : core.gpr[insn.rm] & 0xffff_ffffL;
    long qualification = number | insn.rm << 8;
    switch (number) {
      case 0 -> guestWriteCr0(value, qualification);
      case 2 -> core.cr2 = value;
      case 3 -> {
        if (system.controls.cr3Exiting) {
          throw system.exit(ExitReason.CONTROL_REGISTER, qualification);
        }
        writeCr3(value);
      }
      case 4 -> guestWriteCr4(value, qualification);
      default -> guestWriteCr8(value, qualification);
    }
  }

  private void guestWriteCr0(long value, long qualification) {
    long mask = system.controls.cr0Mask;
    if (((value ^ system.controls.cr0ReadShadow) & mask) != 0) {
      throw system.exit(ExitReason.CONTROL_REGISTER, qualification);
    }
    writeCr0(core.cr0 & mask | value & ~mask);
  }

  private void guestWriteCr4(long value, long qualification) {
    long mask = system.controls.cr4Mask;
    if (((value ^ system.controls.cr4ReadShadow) & mask) != 0) {
      throw system.exit(ExitReason.CONTROL_REGISTER, qualification);
    }
    if ((value & ~mask & ~(system.controls.cr4Allowed & CR4_DEFINED)) != 0) {
      throw core.raise(Core.GP, 0);
    }
    writeCr4(core.cr4 & mask | value & ~mask);
  }

  private void guestWriteCr8(long value, long qualification) {
    if (system.controls.cr8Exiting) {
      throw system.exit(ExitReason.CONTROL_REGISTER, qualification);
    }
    if ((value & ~15L) != 0) {
      throw core.raise(Core.GP, 0);
    }
    system.apic.setTaskPriority((int) value << 4);
    core.requestAttention();
  }

  void clts() {
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
    if ((system.controls.cr0Mask & Core.CR0_TS) != 0) {
      if ((system.controls.cr0ReadShadow & Core.CR0_TS) != 0) {
        throw system.exit(ExitReason.CONTROL_REGISTER, 2 << 4);
      }
      return;
    }
    core.cr0 &= ~Core.CR0_TS;
    core.modeChanged();
  }

  /** LMSW with its source word; {@code linear} is -1 for a register operand. */
  void lmsw(int source, long linear) {
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
    long value = read(0) & ~0xeL | source & 0xf | read(0) & Core.CR0_PE;
    long mask = system.controls.cr0Mask & 0xf;
    if (((value ^ system.controls.cr0ReadShadow) & mask) != 0) {
      system.exit.guestLinearAddress = linear == -1 ? 0 : linear;
      throw system.exit(
          ExitReason.CONTROL_REGISTER,
          3 << 4 | (linear == -1 ? 0 : 1 << 6) | (source & 0xffffL) << 16);
    }
    writeCr0(core.cr0 & ~0xfL | value & 0xf & ~mask | core.cr0 & mask);
  }

  // The registers' own rules.

  private void writeCr0(long value) {
    boolean illegal =
        value >>> 32 != 0
            || (value & Core.CR0_PG) != 0 && (value & Core.CR0_PE) == 0
            || (value & CR0_NW) != 0 && (value & CR0_CD) == 0;
    if (illegal) {
      throw core.raise(Core.GP, 0);
    }
    long next = value & CR0_DEFINED | CR0_ET;
    long changed = core.cr0 ^ next;
    if ((changed & Core.CR0_PG) != 0) {
      switchPaging((next & Core.CR0_PG) != 0);
    } else if ((changed & (CR0_CD | CR0_NW)) != 0 && usesPointers(next, core.cr4)) {
      loadPointers(core.cr3);
    }
    core.cr0 = next;
    if ((changed & CR0_PAGING) != 0) {
      core.flushTlb();
    }
    core.modeChanged();
    core.requestAttention();
  }

  private void switchPaging(boolean on) {
    int cs = core.accessRights[SegmentRegister.CS];
    if (!on) {
      if ((core.cr4 & CR4_PCIDE) != 0 || core.code64) {
        throw core.raise(Core.GP, 0);
      }
      core.efer &= ~Core.EFER_LMA;
      return;
    }
    if ((core.efer & Core.EFER_LME) != 0) {
      boolean task16 = (core.accessRights[SegmentRegister.TR] & 8) == 0;
      if ((core.cr4 & Core.CR4_PAE) == 0 || (cs & 1 << 13) != 0 || task16) {
        throw core.raise(Core.GP, 0);
      }
      core.efer |= Core.EFER_LMA;
    } else {
      if ((core.cr4 & Core.CR4_LA57) != 0) {
        throw core.raise(Core.GP, 0);
      }
      if ((core.cr4 & Core.CR4_PAE) != 0) {
        loadPointers(core.cr3);
      }
    }
  }

  private boolean usesPointers(long cr0, long cr4) {
    return (cr0 & Core.CR0_PG) != 0
        && (cr4 & Core.CR4_PAE) != 0
        && (core.efer & Core.EFER_LMA) == 0;
  }

  private void loadPointers(long cr3) {
    if (!system.mmu.loadPointers(cr3)) {
      throw core.raise(Core.GP, 0);
    }
    pointersStale = false;
  }

  /** Loads CR3; also what INVPCID and task switches use. */
  void writeCr3(long value) {
    long next = value;
    if ((core.efer & Core.EFER_LMA) != 0) {
      if ((core.cr4 & CR4_PCIDE) != 0) {
        next &= Long.MAX_VALUE;
      }
      if (next >>> Math.min(52, system.controls.guestPhysicalAddressBits) != 0) {
        throw core.raise(Core.GP, 0);
      }
    } else if (usesPointers(core.cr0, core.cr4)) {
      loadPointers(next);
    }
    core.cr3 = next;
    core.flushTlb();
  }

  private void writeCr4(long value) {
    boolean longMode = (core.efer & Core.EFER_LMA) != 0;
    long changed = core.cr4 ^ value;
    boolean illegal =
        longMode && ((value & Core.CR4_PAE) == 0 || (changed & Core.CR4_LA57) != 0)
            || (changed & value & CR4_PCIDE) != 0 && (!longMode || (core.cr3 & 0xfff) != 0);
    if (illegal) {
      throw core.raise(Core.GP, 0);
    }
    long reload = Core.CR4_PSE | Core.CR4_PAE | CR4_PGE | Core.CR4_SMEP;
    if ((changed & reload) != 0 && usesPointers(core.cr0, value)) {
      loadPointers(core.cr3);
    }
    core.cr4 = value;
    if ((changed & CR4_PAGING) != 0) {
      core.flushTlb();
    }
    core.modeChanged();
  }

  /** WRMSR to IA32_EFER. */
  void writeEfer(long value) {
    long defined = Core.EFER_SCE | Core.EFER_LME | Core.EFER_LMA | Core.EFER_NXE;
    long changed = core.efer ^ value;
    if ((value & ~(defined & system.controls.eferAllowed)) != 0
        || (changed & Core.EFER_LME) != 0 && (core.cr0 & Core.CR0_PG) != 0) {
      throw core.raise(Core.GP, 0);
    }
    core.efer = value & ~Core.EFER_LMA | core.efer & Core.EFER_LMA;
    if ((changed & Core.EFER_NXE) != 0) {
      core.flushTlb();
    }
    core.modeChanged();
  }

  // Without checks, between exits.

  /** Sets a control register as VM entry does. */
  void set(int number, long value) {
    switch (number) {
      case 0 -> core.cr0 = value;
      case 2 -> core.cr2 = value;
      case 3 -> core.cr3 = value;
      case 4 -> core.cr4 = value;
      default -> system.apic.setTaskPriority((int) value << 4);
    }
    if (number == 0 || number == 3 || number == 4) {
      pointersStale = true;
      core.flushTlb();
      core.modeChanged();
    }
  }

  /** At VM entry: PAE paging reads its pointers when the host changed what they depend on. */
  void refreshPointers() {
    if (pointersStale && usesPointers(core.cr0, core.cr4)) {
      try {
        system.mmu.loadPointers(core.cr3);
      } catch (GuestFault _) {
        // The table is not mapped yet: the walk that needs it will fault and exit.
        system.exit.clear();
        return;
      }
    }
    pointersStale = false;
  }

  /** Copies the pointers of PAE paging; false while they are to be loaded from memory. */
  boolean readPointers(long[] target) {
    System.arraycopy(system.mmu.pointers(), 0, target, 0, target.length);
    return !pointersStale;
  }

  /** The host gives the pointers of PAE paging instead of having them loaded. */
  void writePointers(long[] values) {
    System.arraycopy(values, 0, system.mmu.pointers(), 0, values.length);
    pointersStale = false;
    core.flushTlb();
  }

  /** CPL as the segment state implies it. */
  void refreshPrivilege() {
    boolean isProtected = (core.cr0 & Core.CR0_PE) != 0;
    boolean v86 = isProtected && (core.flags.control & Flags.VM) != 0;
    core.cpl = v86 ? 3 : isProtected ? core.accessRights[SegmentRegister.SS] >> 5 & 3 : 0;
    core.modeChanged();
  }
}
