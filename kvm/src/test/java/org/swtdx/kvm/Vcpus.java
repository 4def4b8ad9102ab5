package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmSregs;

/** What tests do with a vCPU: put it before code, run it to an exit, look at its registers. */
final class Vcpus {
  /** Where the stack of {@link #realMode} begins. */
  private static final long STACK = 0x8000;

  private Vcpus() {}

  /** KVM_GET_SREGS. */
  static KvmSregs sregs(KvmVcpu vcpu) {
    KvmSregs sregs = new KvmSregs();
    assertThat(vcpu.getSregs(sregs)).isZero();
    return sregs;
  }

  /** KVM_GET_REGS. */
  static KvmRegs regs(KvmVcpu vcpu) {
    KvmRegs regs = new KvmRegs();
    assertThat(vcpu.getRegs(regs)).isZero();
    return regs;
  }

  /** Puts a vCPU that is in real mode before 0:{@code rip}, with a stack and interrupts off. */
  static void realMode(KvmVcpu vcpu, long rip) {
    KvmSregs sregs = sregs(vcpu).selector(KvmSregs.CS, 0).base(KvmSregs.CS, 0);
    assertThat(vcpu.setSregs(sregs)).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(rip).rflags(2).rsp(STACK))).isZero();
  }

  /** Gives all segments 4 GiB at 0, for 32-bit code at a privilege level. */
  static KvmSregs flat(KvmSregs sregs, int cpl) {
    for (int segment = 0; segment < 6; segment++) {
      boolean code = segment == KvmSregs.CS;
      sregs.base(segment, 0).limit(segment, -1).g(segment, 1).db(segment, 1).l(segment, 0);
      sregs.selector(segment, (code ? 8 : 16) | cpl).dpl(segment, cpl);
      sregs.s(segment, 1).present(segment, 1).type(segment, code ? 11 : 3);
    }
    return sregs;
  }

  /** Runs to an exit of a kind. */
  static KvmRun exit(KvmVcpu vcpu, int reason) {
    assertThat(vcpu.run()).as("KVM_RUN").isZero();
    assertThat(KvmExit.name(vcpu.kvmRun().exitReason())).isEqualTo(KvmExit.name(reason));
    return vcpu.kvmRun();
  }

  /** KVM_GET_MSRS for one MSR. */
  static long msr(KvmVcpu vcpu, int index) {
    KvmMsrs msrs = new KvmMsrs(1).index(0, index);
    assertThat(vcpu.getMsrs(msrs)).isEqualTo(1);
    return msrs.data(0);
  }

  /** KVM_SET_MSRS for one MSR: whether KVM took the value. */
  static boolean setMsr(KvmVcpu vcpu, int index, long value) {
    return vcpu.setMsrs(new KvmMsrs(1).index(0, index).data(0, value)) == 1;
  }
}
