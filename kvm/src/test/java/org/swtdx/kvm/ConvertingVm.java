package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.flat;
import static org.swtdx.kvm.Vcpus.sregs;

import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;

/**
 * A software-protected VM that converts memory. Tag 0 is shared at first; in round n each vCPU
 * stores 2n+1 privately and 2n+2 shared, and finds later what it stored on either side.
 */
final class ConvertingVm extends ConvertingGuest {
  private static final int FACTOR = 0x9e37_79b1;
  private static final int TAG_FACTOR = 0x2c1b_3c6d;
  private static final int CODE = 0x1000;
  private static final int PARAMETERS = 0x2000;
  private static final int STACKS = 0x4000;

  private final KvmVm vm;
  private final GuestMemfd file;
  private final long shared;

  ConvertingVm(TestHost machine, Shape shape) {
    super(shape, machine.newProcess());
    vm = process.vm(process.openKvm().createVm(KvmVmType.SW_PROTECTED)).orElseThrow();
    assertThat(vm.enableCap(KvmEnableCap.of(KvmCap.EXIT_HYPERCALL, 1 << 12))).isZero();
    long low = process.memory().mmap(0x8000);
    assertThat(
            vm.setUserMemoryRegion(
                new KvmUserspaceMemoryRegion().memorySize(0x8000).userspaceAddr(low)))
        .isZero();
    shared = process.memory().mmap(shape.bytes());
    file =
        process
            .guestMemfd(vm.createGuestMemfd(new KvmCreateGuestMemfd().size(shape.bytes())))
            .orElseThrow();
    assertThat(
            vm.setUserMemoryRegion2(
                new KvmUserspaceMemoryRegion2()
                    .slot(1)
                    .flags(KvmUserspaceMemoryRegion2.GUEST_MEMFD)
                    .guestPhysAddr(REGION)
                    .memorySize(shape.bytes())
                    .userspaceAddr(shared)
                    .guestMemfd(file.fd())))
        .isZero();
    process.memory().write(low + CODE, GuestCode.VM_CONVERSION, 0, GuestCode.VM_CONVERSION.length);
    for (int i = 0; i < shape.vcpus(); i++) {
      parameters(low + PARAMETERS + 64L * i, i);
      fill(i, 0);
      vcpus.add(vcpu(i));
    }
  }

  private void parameters(long at, int index) {
    long[] values = {
      REGION + index * shape.block(),
      shape.vcpus() * shape.block(),
      shape.block(),
      REGION + shape.bytes(),
      shape.rounds()
    };
    for (int i = 0; i < values.length; i++) {
      process.memory().store(at + 4 * i, 4, values[i]);
    }
  }

  /** In flat 32-bit mode before the code. */
  private KvmVcpu vcpu(int index) {
    KvmVcpu vcpu = process.vcpu(vm.createVcpu(index)).orElseThrow();
    assertThat(vcpu.setSregs(flat(sregs(vcpu), 0).cr0(0x31))).isZero();
    KvmRegs regs = new KvmRegs().rip(CODE).rflags(2).rbp(PARAMETERS + 64L * index);
    assertThat(vcpu.setRegs(regs.rsp(STACKS + 0x400L * (index + 1)))).isZero();
    assertThat(vcpu.setMpState(new org.swtdx.kvm.uapi.KvmMpState())).isZero();
    return vcpu;
  }

  @Override
  KvmVm vm() {
    return vm;
  }

  @Override
  long shared() {
    return shared;
  }

  @Override
  GuestMemfd file() {
    return file;
  }

  @Override
  boolean discards() {
    return false;
  }

  @Override
  long pattern(long gpa, long tag) {
    int salt = (int) tag * TAG_FACTOR;
    int low = (int) gpa * FACTOR + salt;
    int high = (int) (gpa + 4) * FACTOR + salt;
    return Integer.toUnsignedLong(low) | (long) high << 32;
  }

  @Override
  void roundEnded(int index, int tag) {
    check(index, tag + 2);
  }
}
