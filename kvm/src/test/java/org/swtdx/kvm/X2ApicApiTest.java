package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmMsrs;

/** KVM_CAP_X2APIC_API: ids of 32 bits, destination 0xff, and suppressed EOI broadcasts. */
class X2ApicApiTest {
  private static final int ID = 2, VERSION = 3;
  private static final int DIRECTED_EOI = 1 << 24;
  private static final long X2_ENABLED = 0xfee0_0c00L;

  private final TestHost machine = new TestHost();
  private final VmmProcess process = machine.newProcess();
  private final Kvm kvm = process.openKvm();
  private KvmVm vm;
  private KvmVcpu second;

  @AfterEach
  void everythingIsGivenBack() {
    process.exit();
    assertThat(machine.host.outstandingFrames()).isZero();
    machine.close();
  }

  private void start(boolean split, long flags) {
    vm = process.vm(kvm.createVm(0)).orElseThrow();
    int made = split ? vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24)) : vm.createIrqchip();
    assertThat(made).isZero();
    assertThat(vm.enableCap(KvmEnableCap.of(KvmCap.X2APIC_API, flags))).isZero();
    KvmCpuid2 list = new KvmCpuid2(100);
    assertThat(kvm.getSupportedCpuid(list)).isZero();
    for (int id = 0; id < 2; id++) {
      second = process.vcpu(vm.createVcpu(id)).orElseThrow();
      assertThat(second.setCpuid2(list)).isZero();
      long base = X2_ENABLED | (id == 0 ? 1 << 8 : 0);
      assertThat(second.setMsrs(new KvmMsrs(1).index(0, 0x1b).data(0, base))).isEqualTo(1);
    }
  }

  private KvmLapicState lapic() {
    KvmLapicState state = new KvmLapicState();
    assertThat(second.getLapic(state)).isZero();
    return state;
  }

  private int message(int destination, int addressHi) {
    return vm.signalMsi(
        new KvmMsi().addressLo(0xfee0_0000 | destination << 12).addressHi(addressHi).data(0x40));
  }

  @Test
  void withoutItIdsHaveEightBitsAndAllOnesMeanEverybody() {
    start(true, 0);

    assertThat(lapic().reg(ID)).isEqualTo(1 << 24);
    assertThat(second.setLapic(lapic().reg(ID, 7 << 24))).as("the id is not looked at").isZero();
    assertThat(message(1, 0x100)).as("the upper half is not looked at").isEqualTo(1);
    assertThat(message(0xff, 0)).isEqualTo(1);
    assertThat(message(5, 0)).as("nobody").isZero();
  }

  @Test
  void idsOfThirtyTwoBits() {
    start(true, 1);

    assertThat(lapic().reg(ID)).isEqualTo(1);
    assertThat(second.setLapic(lapic())).isZero();
    assertThat(second.setLapic(lapic().reg(ID, 1 << 24))).isEqualTo(-EINVAL);
    assertThat(message(1, 0)).isEqualTo(1);
    assertThat(message(1, 0x100)).as("processor 257").isZero();
    assertThat(message(1, 1)).as("a reserved bit").isEqualTo(-EINVAL);
    assertThat(message(0xff, 0)).as("everybody still").isEqualTo(1);
    assertThat(message(0xff, 0xffff_ff00)).as("everybody, as 32 bits").isEqualTo(1);
  }

  @Test
  void destinationFfIsProcessor255WithoutTheQuirk() {
    start(true, 3);

    assertThat(message(0xff, 0)).isZero();
    assertThat(message(0xff, 0xffff_ff00)).isEqualTo(1);
  }

  @Test
  void theVersionRegisterTellsWhetherEoisCanBeDirected() {
    start(true, 0);
    assertThat(lapic().reg(VERSION) & DIRECTED_EOI).isNotZero();
    start(false, 0);
    assertThat(lapic().reg(VERSION) & DIRECTED_EOI).isZero();
    start(true, 8);
    assertThat(lapic().reg(VERSION) & DIRECTED_EOI).isZero();
    start(true, 4);
    assertThat(lapic().reg(VERSION) & DIRECTED_EOI).isNotZero();
  }
}
