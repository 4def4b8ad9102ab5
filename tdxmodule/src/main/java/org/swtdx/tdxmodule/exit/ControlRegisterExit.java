package org.swtdx.tdxmodule.exit;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.VmControls;
import org.swtdx.tdxmodule.vp.GuestContext;

/**
 * Accesses to CR0 and CR4 that would change bits the module owns, or the host of a debuggable TD.
 * Illegal values raise #GP(0) as on a bare processor, values that no TD may have #VE.
 */
final class ControlRegisterExit implements ExitHandler {
  private static final int MOV_TO = 0;
  private static final int LMSW = 3;

  private static final long CR0_PE = 1;
  private static final long CR0_NE = 1 << 5;
  private static final long CR0_WP = 1 << 16;
  private static final long CR0_NW = 1L << 29;
  private static final long CR0_CD = 1L << 30;
  private static final long CR0_PG = 1L << 31;

  /** Reserved bits, which MOV to CR0 does not change. */
  private static final long CR0_IGNORED = 0x1ffaffc0;

  private static final long LMSW_BITS = 0xf;
  private static final long CR4_CET = 1L << 23;

  private final ExitHandler otherwise;

  ControlRegisterExit(ExitHandler otherwise) {
    this.otherwise = otherwise;
  }

  @Override
  public boolean handle(GuestContext vcpu) {
    long qualification = vcpu.exit().qualification;
    int register = (int) qualification & 15;
    CpuState state = vcpu.state();
    switch ((int) (qualification >>> 4) & 3) {
      case MOV_TO -> {
        long value = state.gpr((int) (qualification >>> 8) & 15);
        if (register == 0) {
          return writeCr0(vcpu, value);
        }
        if (register == 4) {
          return writeCr4(vcpu, value);
        }
      }
      case LMSW -> {
        long source = qualification >>> 16 & LMSW_BITS;
        long old = visibleCr0(vcpu);
        return writeCr0(vcpu, old & ~LMSW_BITS | source | old & CR0_PE);
      }
      default -> {}
    }
    return otherwise.handle(vcpu);
  }

  private static long visibleCr0(GuestContext vcpu) {
    VmControls controls = vcpu.processor().controls();
    return vcpu.state().cr(0) & ~controls.cr0Mask | controls.cr0ReadShadow & controls.cr0Mask;
  }

  private static boolean writeCr0(GuestContext vcpu, long value) {
    CpuState state = vcpu.state();
    // VMX keeps CR0.NE set: a value without it is illegal as on a bare processor in VMX operation.
    boolean illegal =
        value >>> 32 != 0
            || (value & CR0_NE) == 0
            || (value & (CR0_PG | CR0_PE)) == CR0_PG
            || (value & CR0_WP) == 0 && (state.cr(4) & CR4_CET) != 0;
    if (illegal) {
      vcpu.events().generalProtection();
    } else if ((value & CR0_PE) == 0 || (value & (CR0_NW | CR0_CD)) != 0) {
      vcpu.events().virtualizationOfInstruction(vcpu.exit().qualification);
    } else {
      state.setCr(0, value & ~CR0_IGNORED | state.cr(0) & CR0_IGNORED);
      vcpu.processor().skipInstruction();
    }
    return RESUME;
  }

  private static boolean writeCr4(GuestContext vcpu, long value) {
    VmControls controls = vcpu.processor().controls();
    CpuState state = vcpu.state();
    if ((value & ~controls.cr4Allowed) != 0) {
      vcpu.events().generalProtection();
    } else if (((value ^ controls.cr4ReadShadow) & controls.cr4Mask) != 0) {
      vcpu.events().virtualizationOfInstruction(vcpu.exit().qualification);
    } else {
      state.setCr(4, value & ~controls.cr4Mask | state.cr(4) & controls.cr4Mask);
      vcpu.processor().skipInstruction();
    }
    return RESUME;
  }
}
