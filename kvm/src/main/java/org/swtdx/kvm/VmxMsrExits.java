package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.TO_USER;

import org.swtdx.cpu.CpuState;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;

/** RDMSR and WRMSR of an ordinary vCPU, and those that leave to user space. */
final class VmxMsrExits {
  /** The access cannot be made: the guest gets #GP. */
  static final int REFUSED = 2;

  /** The access was made. */
  static final int DONE = 1;

  private final VmxVcpu vcpu;
  private final CpuState state;
  private final KvmRun run;
  private boolean wasRead;

  VmxMsrExits(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    state = vcpu.processor().state();
    run = vcpu.run;
  }

  int read() {
    int msr = (int) state.gpr(CpuState.RCX);
    VmOptions options = vcpu.vm().options;
    if (!options.allowsMsr(msr, false)) {
      return leave(KvmExit.X86_RDMSR, VmOptions.MSR_FILTER, msr, 0);
    }
    int outcome = vcpu.msrs().read(msr, false);
    if (outcome != VmxMsrs.DONE) {
      return leave(KvmExit.X86_RDMSR, outcome, msr, 0);
    }
    result(vcpu.msrs().value());
    return DONE;
  }

  private void result(long value) {
    state.setGpr(CpuState.RAX, value & 0xffff_ffffL);
    state.setGpr(CpuState.RDX, value >>> 32);
  }

  int write() {
    int msr = (int) state.gpr(CpuState.RCX);
    long value = state.gpr(CpuState.RAX) & 0xffff_ffffL | state.gpr(CpuState.RDX) << 32;
    VmOptions options = vcpu.vm().options;
    if (!options.allowsMsr(msr, true)) {
      return leave(KvmExit.X86_WRMSR, VmOptions.MSR_FILTER, msr, value);
    }
    int outcome = vcpu.msrs().write(msr, value, false);
    return outcome == VmxMsrs.DONE ? DONE : leave(KvmExit.X86_WRMSR, outcome, msr, value);
  }

  private int leave(int exit, int reason, int msr, long value) {
    if ((vcpu.vm().options.msrExits & reason) == 0) {
      return REFUSED;
    }
    wasRead = exit == KvmExit.X86_RDMSR;
    run.exitReason(exit).msrError(0).msrReason(reason).msrIndex(msr).msrData(value);
    return TO_USER;
  }

  /** Takes user space's answer: DONE or REFUSED. */
  int complete() {
    if (run.msrError() != 0) {
      return REFUSED;
    }
    if (wasRead) {
      result(run.msrData());
    }
    return DONE;
  }
}
