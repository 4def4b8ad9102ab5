package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmVmType;

/** A TDX module that was brought up and has no TD is asked nothing, whatever other VMs do. */
class UnusedModuleTest {
  private static final long PAGE = 4096;

  private final MemoryTrace trace = new MemoryTrace();
  private final TestHost machine = new TestHost(trace::wrap, Set.of());

  @BeforeEach
  void bringUpWasSeen() {
    assertThat(trace.total()).as("SEAMCALLs of bring-up").isPositive();
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void anOrdinaryVmMakesNoSeamcallFromItsCreationToItsEnd() {
    VmmProcess process = machine.newProcess();
    KvmVm vm = process.vm(process.openKvm().createVm(KvmVmType.DEFAULT)).orElseThrow();
    long ram = process.memory().mmap(2 * PAGE);
    KvmUserspaceMemoryRegion slot =
        new KvmUserspaceMemoryRegion().memorySize(2 * PAGE).userspaceAddr(ram);
    assertThat(vm.setUserMemoryRegion(slot)).isZero();
    KvmVcpu vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    KvmSregs sregs = new KvmSregs();
    vcpu.getSregs(sregs);
    vcpu.setSregs(sregs.selector(KvmSregs.CS, 0).base(KvmSregs.CS, 0));
    vcpu.setRegs(new KvmRegs().rip(PAGE).rflags(2));
    process.memory().store(ram + PAGE, 8, 0xfa_eb80_e6c0_feL); // inc al; out 0x80,al; jmp back
    for (int i = 1; i <= 100; i++) {
      assertThat(vcpu.run()).isZero();
      assertThat(vcpu.kvmRun().exitReason()).isEqualTo(KvmExit.IO);
    }
    assertThat(vm.setUserMemoryRegion(slot.memorySize(0))).isZero();
    assertThat(vcpu.run()).isZero();
    assertThat(vcpu.kvmRun().exitReason()).as("no memory").isEqualTo(KvmExit.INTERNAL_ERROR);
    process.exit();

    assertThat(trace.total()).isZero();
  }

  @Test
  void aSoftwareProtectedVmConvertsMemoryWithoutASeamcall() {
    ConvertingVm vm =
        new ConvertingVm(machine, new ConvertingGuest.Shape(1, 8 * PAGE, 2 * PAGE, 2));
    assertThat(vm.run(0, Long.MAX_VALUE)).isTrue();
    vm.close(new SplittableRandom(4));

    assertThat(trace.total()).isZero();
  }
}
