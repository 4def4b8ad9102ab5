package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;

import org.swtdx.cpu.CpuState;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.memory.Hpa;

/** VMCALL of an ordinary vCPU: KVM's hypercalls. */
final class VmxHypercall {
  private static final int VAPIC_POLL_IRQ = 1;
  private static final int SCHED_YIELD = 11;
  private static final long EPERM = -1;
  private static final long EINVAL = -22;
  private static final long ENOSYS = -1000;
  private static final int LONG_MODE = 1;

  /** {@code KVM_FEATURE_PV_SCHED_YIELD}. */
  private static final int PV_SCHED_YIELD = 13;

  private final VmxVcpu vcpu;
  private final CpuState state;

  VmxHypercall(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    state = vcpu.processor().state();
  }

  /** CONTINUE with the result in RAX, or TO_USER. */
  @SuppressWarnings("ThreadPriorityCheck") // the guest asks for it
  int handle() {
    long mask = state.in64BitMode() ? -1 : 0xffff_ffffL;
    long number = state.gpr(CpuState.RAX) & mask;
    if (state.cpl() != 0) {
      return answer(EPERM);
    }
    if (number == VAPIC_POLL_IRQ) {
      return answer(0);
    }
    if (number == SCHED_YIELD && vcpu.cpuidEffects().hasParavirtual(PV_SCHED_YIELD)) {
      Thread.yield();
      return answer(0);
    }
    if (number == KvmExit.HC_MAP_GPA_RANGE
        && vcpu.vm().options.exitsOnHypercall(KvmExit.HC_MAP_GPA_RANGE)) {
      return mapGpaRange(
          state.gpr(CpuState.RBX) & mask,
          state.gpr(CpuState.RCX) & mask,
          state.gpr(CpuState.RDX) & mask);
    }
    return answer(ENOSYS);
  }

  private int mapGpaRange(long gpa, long pages, long attributes) {
    long first = gpa >>> 12;
    if ((gpa & Hpa.PAGE_SIZE - 1) != 0
        || pages == 0
        || Long.compareUnsigned(first + pages, first) <= 0) {
      return answer(EINVAL);
    }
    KvmRun run = vcpu.run;
    run.exitReason(KvmExit.HYPERCALL).hypercallNr(KvmExit.HC_MAP_GPA_RANGE).hypercallRet(0);
    run.hypercallArgs(0, gpa).hypercallArgs(1, pages).hypercallArgs(2, attributes);
    run.hypercallFlags(state.in64BitMode() ? LONG_MODE : 0);
    return TO_USER;
  }

  /** Gives the guest user space's answer. */
  void complete() {
    answer(vcpu.run.hypercallRet());
  }

  private int answer(long value) {
    state.setGpr(CpuState.RAX, state.in64BitMode() ? value : value & 0xffff_ffffL);
    return CONTINUE;
  }
}
