package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;

import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;

/** A TDX module that was brought up and has no TD is asked nothing, whatever other VMs do. */
class UnusedModuleTest {
  private static final long PAGE = 4096;

  private final MemoryTrace trace = new MemoryTrace();
  @AutoClose private final TestHost machine = new TestHost(trace::wrap, Set.of());

  @BeforeEach
  void bringUpWasSeen() {
    assertThat(trace.total()).as("SEAMCALLs of bring-up").isPositive();
  }

  @Test
  void anOrdinaryVmMakesNoSeamcallFromItsCreationToItsEnd() {
    OrdinaryVm guest = OrdinaryVm.on(machine).code(PAGE, OrdinaryVm.COUNTING);
    KvmVcpu vcpu = guest.vcpuAt(0, PAGE);
    for (int i = 1; i <= 100; i++) {
      exit(vcpu, KvmExit.IO);
    }
    guest.slot(0, 0, 0, guest.ram, 0);
    exit(vcpu, KvmExit.INTERNAL_ERROR); // no memory
    guest.process.exit();

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
