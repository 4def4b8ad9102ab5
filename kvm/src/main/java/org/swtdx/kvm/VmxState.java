package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Processor;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;

/** The register ioctls of an ordinary vCPU. */
final class VmxState extends RegisterIoctls {
  private static final int BITMAP_WORDS = 4;

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

  @Override
  long guestXcr0() {
    return vcpu.cpuidEffects().guestXcr0();
  }

  @Override
  int pkruPlace() {
    return vcpu.cpuidEffects().pkruPlace();
  }

  @Override
  boolean validXcr0(long value) {
    return vcpu.cpuidEffects().validXcr0(value);
  }

  private boolean valid(KvmSregs in) {
    return consistent(in)
        && (!longMode(in) || in.cr3() >>> vcpu.cpuid().physicalBits() == 0)
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
    unhaltAtReset(in);
    for (int word = 0; word < BITMAP_WORDS; word++) {
      if (in.interruptBitmap(word) != 0) {
        int vector = word << 6 | Long.numberOfTrailingZeros(in.interruptBitmap(word));
        vcpu.events().queue(vector, Processor.EXTERNAL_INTERRUPT, -1, 0);
        break;
      }
    }
    return 0;
  }

  /** The boot processor put in front of the reset vector runs. */
  private void unhaltAtReset(KvmSregs in) {
    boolean atVector = in.selector(0) == 0xf000 && in.base(0) == 0xffff_0000L;
    boolean realMode = (in.cr0() & 1) == 0;
    if (vcpu.vm().isBootCpu(vcpu.id()) && atVector && realMode && rip() == 0xfff0) {
      vcpu.mpState(KvmMpState.RUNNABLE);
    }
  }

  /** Tells also the interrupt whose delivery was begun. */
  @Override
  int getSregs(KvmSregs out) {
    super.getSregs(out);
    int vector = vcpu.events().injectedInterrupt();
    for (int word = 0; word < BITMAP_WORDS; word++) {
      out.interruptBitmap(word, vector >>> 6 == word ? 1L << vector : 0);
    }
    return 0;
  }

  /** Also gives up an exception that is not yet being delivered. */
  @Override
  int setRegs(KvmRegs in) {
    vcpu.events().dropPending();
    return super.setRegs(in);
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
    if (!vcpu.vm().hasIrqchip()) {
      return -EINVAL;
    }
    vcpu.processor().apic().syncPostedInterrupts();
    for (int i = 0; i < 64; i++) {
      out.reg(i, vcpu.apicRegister(i));
    }
    if (vcpu.x2Apic() && !vcpu.vm().options.has32BitApicIds()) {
      out.reg(ApicRegister.ID, vcpu.lapic().id() << 24);
    }
    return 0;
  }

  @Override
  int setLapic(KvmLapicState in) {
    boolean strict = vcpu.x2Apic() && vcpu.vm().options.has32BitApicIds();
    if (!vcpu.vm().hasIrqchip() || strict && in.reg(ApicRegister.ID) != vcpu.lapic().id()) {
      return -EINVAL;
    }
    vcpu.setApicRegisters(in);
    return 0;
  }
}
