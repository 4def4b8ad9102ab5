package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.swtdx.cpu.CpuState;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmSregs;

/** The register ioctls of an ordinary vCPU. */
final class VmxState extends RegisterIoctls {
  private final VmxVcpu vcpu;

  VmxState(VmxVcpu vcpu, CpuState state) {
    super(state);
    this.vcpu = vcpu;
  }

  @Override
  long apicBase() {
    return vcpu.apicBase();
  }

  @Override
  long load(long gpa) {
    MemSlot slot = vcpu.vm().slots().find(gpa >>> 12);
    return slot == null ? 0 : vcpu.vm().memory().load(slot.uaddrOf(gpa >>> 12) + (gpa & 0xfff), 8);
  }

  private boolean valid(KvmSregs in) {
    return consistent(in)
        && vcpu.cpuidEffects().validCr4(in.cr4())
        && vcpu.cpuidEffects().validEfer(in.efer())
        && vcpu.validApicBase(in.apicBase());
  }

  @Override
  int setSregs(KvmSregs in) {
    if (!valid(in)) {
      return -EINVAL;
    }
    vcpu.setApicBase(in.apicBase());
    applySregs(in);
    for (int word = 0; word < 4; word++) {
      if (in.interruptBitmap(word) != 0) {
        vcpu.lapic().accept(word << 6 | Long.numberOfTrailingZeros(in.interruptBitmap(word)));
      }
    }
    return 0;
  }

  @Override
  long debugRegister(int number) {
    return vcpu.debug().register(number);
  }

  @Override
  void debugRegister(int number, long value) {
    vcpu.debug().register(number, value);
  }

  @Override
  int getLapic(KvmLapicState out) {
    vcpu.processor().apic().syncPostedInterrupts();
    for (int i = 0; i < 64; i++) {
      out.reg(i, vcpu.apicRegister(i));
    }
    return 0;
  }

  @Override
  int setLapic(KvmLapicState in) {
    vcpu.setApicRegisters(in);
    return 0;
  }
}
