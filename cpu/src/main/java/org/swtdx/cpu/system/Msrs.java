package org.swtdx.cpu.system;

import java.util.Arrays;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;

/**
 * The model-specific registers that the processor itself has, RDMSR and WRMSR; SDM Vol. 4. An MSR
 * that is not here raises #GP(0).
 */
public final class Msrs {
  static final int TSC = 0x10, TSC_ADJUST = 0x3b, EFER = 0xc000_0080, STAR = 0xc000_0081;
  static final int LSTAR = 0xc000_0082, CSTAR = 0xc000_0083, FMASK = 0xc000_0084;
  static final int FS_BASE = 0xc000_0100, GS_BASE = 0xc000_0101, KERNEL_GS_BASE = 0xc000_0102;
  static final int TSC_AUX = 0xc000_0103, SYSENTER_CS = 0x174, SYSENTER_ESP = 0x175;
  static final int SYSENTER_EIP = 0x176, PAT = 0x277, XSS = 0xda0, PKRS = 0x6e1;
  private static final int ANY = 0, CANONICAL = 1, MEMORY_TYPES = 2, READ_ONLY = 3;

  /** Registers that only hold a value: index, kind of check, writable bits, value after reset. */
  private static final long[][] PLAIN = {
    {STAR, ANY, -1, 0},
    {LSTAR, CANONICAL, -1, 0},
    {CSTAR, CANONICAL, -1, 0},
    {FMASK, ANY, 0xffff_ffffL, 0},
    {KERNEL_GS_BASE, CANONICAL, -1, 0},
    {TSC_AUX, ANY, 0xffff_ffffL, 0},
    {SYSENTER_CS, ANY, 0xffff_ffffL, 0},
    {SYSENTER_ESP, CANONICAL, -1, 0},
    {SYSENTER_EIP, CANONICAL, -1, 0},
    {PAT, MEMORY_TYPES, -1, 0x0007_0406_0007_0406L},
    {0x17, READ_ONLY, 0, 0},
    {0x1b, ANY, -1, 0xfee0_0c00L | 1 << 8},
    {0x3a, ANY, 0xffff, 1},
    {0x48, ANY, 0x4ff, 0},
    {0x49, ANY, 1, 0},
    {0x8b, ANY, -1, 0x2b00_0000_0000_0000L},
    {0xcd, READ_ONLY, 0, 0},
    {0xce, READ_ONLY, 0, 0x8000_0000_1400L},
    {0xcf, READ_ONLY, 0, 0},
    {0xe1, ANY, 0xffff_fffdL, 0},
    {0xfe, READ_ONLY, 0, 0xd0a},
    {0x10a, READ_ONLY, 0, 0x0c00_006bL},
    {0x10b, ANY, 1, 0},
    {0x179, READ_ONLY, 0, 0xf00_0c00},
    {0x17a, ANY, 7, 0},
    {0x198, READ_ONLY, 0, 0},
    {0x199, ANY, 0xffff_ffffL, 0},
    {0x1a0, ANY, 0x4_0044_0089L, 0x0085_0089},
    {0x1c4, ANY, 0, 0},
    {0x1c5, ANY, 0, 0},
    {0x1d9, ANY, 0, 0},
    {0x2ff, ANY, 0xcff, 0},
    {0x250, MEMORY_TYPES, -1, 0},
    {0x258, MEMORY_TYPES, -1, 0},
    {0x259, MEMORY_TYPES, -1, 0},
    {0x268, MEMORY_TYPES, -1, 0},
    {0x269, MEMORY_TYPES, -1, 0},
    {0x26a, MEMORY_TYPES, -1, 0},
    {0x26b, MEMORY_TYPES, -1, 0},
    {0x26c, MEMORY_TYPES, -1, 0},
    {0x26d, MEMORY_TYPES, -1, 0},
    {0x26e, MEMORY_TYPES, -1, 0},
    {0x26f, MEMORY_TYPES, -1, 0},
    {0x345, READ_ONLY, 0, 0},
    {0x38d, ANY, 0, 0},
    {0x38e, READ_ONLY, 0, 0},
    {0x38f, ANY, 0, 0},
    {0x390, ANY, 0, 0},
    {0x6e0, ANY, -1, 0},
  };

  private static final int VARIABLE_MTRRS = 10;

  private final GuestSystem system;
  private final Core core;
  private final int[] indices = new int[PLAIN.length];
  private final long[] values = new long[PLAIN.length];
  private final long[] variableMtrrs = new long[2 * VARIABLE_MTRRS];

  /** IA32_TSC_ADJUST. */
  long tscAdjust;

  Msrs(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    for (int i = 0; i < PLAIN.length; i++) {
      indices[i] = (int) PLAIN[i][0];
      values[i] = PLAIN[i][3];
    }
  }

  /** The TSC as the guest reads it now: adjusted, scaled and offset. */
  public long tsc() {
    long host = system.platform.environment().tsc() + tscAdjust;
    long multiplier = system.controls.tscMultiplier;
    long high = Math.unsignedMultiplyHigh(host, multiplier);
    return (high << 16 | host * multiplier >>> 48) + system.controls.tscOffset;
  }

  private int plain(int index) {
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] == index) {
        return i;
      }
    }
    return -1;
  }

  /** Value of a register that {@link #PLAIN} has. */
  long get(int index) {
    return values[plain(index)];
  }

  void put(int index, long value) {
    values[plain(index)] = value;
  }

  /** Whether the processor has the register. */
  public boolean exists(int index) {
    return plain(index) >= 0
        || index >= 0x200 && index < 0x200 + 2 * VARIABLE_MTRRS
        || switch (index) {
          case TSC, TSC_ADJUST, EFER, FS_BASE, GS_BASE, XSS, PKRS -> true;
          default -> false;
        };
  }

  /** Current value, 0 for a register that does not exist. */
  public long read(int index) {
    return switch (index) {
      case TSC -> tsc();
      case TSC_ADJUST -> tscAdjust;
      case EFER -> core.efer;
      case FS_BASE -> core.segmentBase[SegmentRegister.FS];
      case GS_BASE -> core.segmentBase[SegmentRegister.GS];
      case XSS -> core.xss;
      case PKRS -> system.mmu.pkrs() & 0xffff_ffffL;
      case 0xfe -> 0xd00 | VARIABLE_MTRRS;
      default -> {
        int at = plain(index);
        if (at >= 0) {
          yield values[at];
        }
        boolean mtrr = index >= 0x200 && index < 0x200 + 2 * VARIABLE_MTRRS;
        yield mtrr ? variableMtrrs[index - 0x200] : 0;
      }
    };
  }

  /** Sets a register without the checks of WRMSR; returns whether it exists. */
  public boolean set(int index, long value) {
    switch (index) {
      case TSC -> tscAdjust += value - tsc();
      case TSC_ADJUST -> tscAdjust = value;
      case EFER -> {
        core.efer = value;
        core.flushTlb();
        core.modeChanged();
      }
      case FS_BASE -> setBase(SegmentRegister.FS, value);
      case GS_BASE -> setBase(SegmentRegister.GS, value);
      case XSS -> core.xss = value;
      case PKRS -> system.mmu.setPkrs(core, (int) value);
      default -> {
        int at = plain(index);
        if (at >= 0) {
          values[at] = value;
        } else if (exists(index)) {
          variableMtrrs[index - 0x200] = value;
        } else {
          return false;
        }
      }
    }
    return true;
  }

  void setBase(int register, long value) {
    core.segmentBase[register] = value;
    core.effectiveBase[register] = value;
    if (!core.code64) {
      core.modeChanged();
    }
  }

  // RDMSR and WRMSR.

  void rdmsr() {
    int index = (int) core.gpr[1];
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
    if (system.controls.msrPolicy.exits(index, false)) {
      throw system.exit(ExitReason.RDMSR);
    }
    long value;
    if (system.controls.apicVirtualization && index >>> 8 == 8) {
      value = system.apic.read((index & 0xff) << 4) & 0xffff_ffffL;
    } else if (exists(index)) {
      value = read(index);
    } else {
      throw core.raise(Core.GP, 0);
    }
    core.gpr[0] = value & 0xffff_ffffL;
    core.gpr[2] = value >>> 32;
  }

  void wrmsr() {
    int index = (int) core.gpr[1];
    if (core.cpl != 0) {
      throw core.raise(Core.GP, 0);
    }
    if (system.controls.msrPolicy.exits(index, true)) {
      throw system.exit(ExitReason.WRMSR);
    }
    long value = core.gpr[0] & 0xffff_ffffL | core.gpr[2] << 32;
    if (system.controls.apicVirtualization && index >>> 8 == 8) {
      writeApic(index & 0xff, value);
    } else {
      write(index, value);
    }
    core.requestAttention();
  }

  private void writeApic(int register, long value) {
    switch (register) {
      case 0x08 -> {
        check((value & ~0xffL) == 0);
        system.apic.setTaskPriority((int) value);
      }
      case 0x0b -> {
        check(value == 0);
        system.apic.endOfInterrupt();
      }
      case 0x3f -> {
        check((value & ~0xffL) == 0 && value >= 16);
        system.apic.write(VirtualApicPage.SELF_IPI, (int) value);
        system.apic.request((int) value);
      }
      default -> throw core.raise(Core.GP, 0);
    }
  }

  private void check(boolean legal) {
    if (!legal) {
      throw core.raise(Core.GP, 0);
    }
  }

  private void write(int index, long value) {
    switch (index) {
      case EFER -> system.controlRegisters.writeEfer(value);
      case FS_BASE, GS_BASE -> {
        check(system.descriptors.canonicalBase(value));
        set(index, value);
      }
      case XSS -> {
        check(value == 0);
        core.xss = 0;
      }
      case PKRS -> {
        check(value >>> 32 == 0);
        set(index, value);
      }
      case TSC, TSC_ADJUST -> set(index, value);
      default -> writePlain(index, value);
    }
  }

  private void writePlain(int index, long value) {
    int at = plain(index);
    if (at < 0) {
      check(exists(index));
      long width = (1L << 52) - 1;
      check((value & ~width) == 0);
      variableMtrrs[index - 0x200] = value;
      return;
    }
    check(
        switch ((int) PLAIN[at][1]) {
          case READ_ONLY -> false;
          case CANONICAL -> system.descriptors.canonicalBase(value);
          case MEMORY_TYPES -> memoryTypes(index, value);
          default -> ((value ^ values[at]) & ~PLAIN[at][2]) == 0;
        });
    // commands and the microcode trigger keep no value
    if (index != 0x49 && index != 0x10b && index != 0x8b) {
      values[at] = value;
    }
  }

  /** Memory types of PAT (which has UC-) or of the fixed MTRRs. */
  private static boolean memoryTypes(int index, long value) {
    int legal = index == PAT ? 0b1111_0011 : 0b0111_0011;
    for (int i = 0; i < 64; i += 8) {
      int type = (int) (value >>> i) & 0xff;
      if (type > 7 || (legal >>> type & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Back to the values after RESET. */
  void reset() {
    for (int i = 0; i < PLAIN.length; i++) {
      values[i] = PLAIN[i][3];
    }
    Arrays.fill(variableMtrrs, 0);
    tscAdjust = 0;
  }
}
