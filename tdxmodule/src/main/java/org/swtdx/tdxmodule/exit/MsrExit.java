package org.swtdx.tdxmodule.exit;

import org.swtdx.cpu.CpuState;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdAttributes;
import org.swtdx.tdxmodule.virt.Xfam;
import org.swtdx.tdxmodule.vp.GuestContext;

/** RDMSR and WRMSR that the TD's MSR policy intercepts. */
final class MsrExit implements ExitHandler {
  private static final int IA32_XAPIC_DISABLE_STATUS = 0xbd;
  private static final int IA32_ARCH_CAPABILITIES = 0x10a;
  private static final int IA32_MISC_ENABLE = 0x1a0;
  private static final int IA32_DEBUGCTL = 0x1d9;
  private static final int IA32_PERF_CAPABILITIES = 0x345;
  private static final int IA32_X2APIC_APICID = 0x802;
  private static final int IA32_XSS = 0xda0;
  private static final int IA32_EFER = 0xc0000080;

  // Fast strings on; performance monitoring absent, so PEBS and BTS unavailable.
  private static final long MISC_ENABLE = 1 | 1 << 11 | 1 << 12;

  private static final long DEBUGCTL_TR = 1 << 6;
  private static final long DEBUGCTL_BTS = 1 << 7;
  private static final long DEBUGCTL_UNCORE_PMI = 1 << 13;
  private static final long DEBUGCTL_FREEZE_SMM = 1 << 14;
  private static final long DEBUGCTL_RTM = 1 << 15;
  private static final long DEBUGCTL_DEFINED =
      3
          | DEBUGCTL_TR
          | DEBUGCTL_BTS
          | 0x1f00
          | DEBUGCTL_UNCORE_PMI
          | DEBUGCTL_FREEZE_SMM
          | DEBUGCTL_RTM;

  private static final long EFER_SCE = 1;
  private static final long EFER_LMA = 1 << 10;

  private final boolean write;

  MsrExit(boolean write) {
    this.write = write;
  }

  @Override
  public boolean handle(GuestContext vcpu) {
    int msr = (int) vcpu.state().gpr(CpuState.RCX);
    switch (vcpu.td().msrs().action(msr, write)) {
      case NATIVE, GENERAL_PROTECTION -> vcpu.events().generalProtection();
      case VIRTUALIZATION_EXCEPTION -> vcpu.events().virtualizationOfInstruction(0);
      case MODULE -> {
        if (write) {
          write(vcpu, msr);
        } else {
          read(vcpu, msr);
        }
      }
    }
    return RESUME;
  }

  private static void read(GuestContext vcpu, int msr) {
    switch (msr) {
      case IA32_XAPIC_DISABLE_STATUS -> result(vcpu, 1);
      case IA32_ARCH_CAPABILITIES -> result(vcpu, vcpu.td().archCapabilities());
      case IA32_MISC_ENABLE -> result(vcpu, MISC_ENABLE);
      case IA32_DEBUGCTL -> result(vcpu, vcpu.debugControl & ~DEBUGCTL_UNCORE_PMI);
      case IA32_PERF_CAPABILITIES -> result(vcpu, 0);
      case IA32_X2APIC_APICID -> {
        if ((vcpu.tdcs().tdCtls & Tdcs.CTLS_ENUM_TOPOLOGY) != 0) {
          result(vcpu, Integer.toUnsignedLong(vcpu.x2ApicId()));
        } else {
          vcpu.events().virtualizationOfInstruction(0);
        }
      }
      // The VMX capability MSRs exist for a TD that hosts nested VMs, which this module lacks.
      default -> vcpu.events().generalProtection();
    }
  }

  private static void result(GuestContext vcpu, long value) {
    vcpu.state().setGpr(CpuState.RAX, value & 0xffff_ffffL);
    vcpu.state().setGpr(CpuState.RDX, value >>> 32);
    vcpu.processor().skipInstruction();
  }

  private static void write(GuestContext vcpu, int msr) {
    CpuState state = vcpu.state();
    long value = state.gpr(CpuState.RAX) & 0xffff_ffffL | state.gpr(CpuState.RDX) << 32;
    switch (msr) {
      case IA32_XSS -> writeXss(vcpu, value);
      case IA32_DEBUGCTL -> writeDebugControl(vcpu, value);
      case IA32_EFER -> writeEfer(vcpu, value);
      default -> vcpu.events().generalProtection();
    }
  }

  private static void writeXss(GuestContext vcpu, long value) {
    if ((value & ~(vcpu.td().xfam() & ~Xfam.USER)) != 0) {
      vcpu.events().generalProtection();
      return;
    }
    vcpu.state().setMsr(IA32_XSS, value);
    vcpu.processor().skipInstruction();
  }

  private static void writeDebugControl(GuestContext vcpu, long value) {
    long attributes = vcpu.td().attributes();
    boolean withoutFeature =
        (value & DEBUGCTL_FREEZE_SMM) != 0 && (attributes & TdAttributes.PERFMON) == 0
            || (value & DEBUGCTL_RTM) != 0 && !vcpu.cpuid().has(7, 0, 1, 11);
    boolean reserved = (value & ~DEBUGCTL_DEFINED) != 0;
    if (!reserved && (value & (DEBUGCTL_TR | DEBUGCTL_BTS)) == DEBUGCTL_TR) {
      vcpu.events().virtualizationOfInstruction(0);
    } else if (reserved || withoutFeature) {
      vcpu.events().generalProtection();
    } else {
      vcpu.debugControl = value & ~DEBUGCTL_UNCORE_PMI;
      vcpu.state().setMsr(IA32_DEBUGCTL, vcpu.debugControl);
      vcpu.processor().skipInstruction();
    }
  }

  private static void writeEfer(GuestContext vcpu, long value) {
    CpuState state = vcpu.state();
    long old = state.msr(IA32_EFER);
    if (((value ^ old) & ~(EFER_SCE | EFER_LMA)) != 0) {
      vcpu.events().virtualizationOfInstruction(0);
      return;
    }
    state.setMsr(IA32_EFER, old & ~EFER_SCE | value & EFER_SCE);
    vcpu.processor().skipInstruction();
  }
}
