package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.setMsr;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMsi;

/** KVM_CAP_X2APIC_API: ids of 32 bits, destination 0xff, and suppressed EOI broadcasts. */
class X2ApicApiTest {
  private static final int ID = 2, VERSION = 3;
  private static final int DIRECTED_EOI = 1 << 24;
  private static final long X2_ENABLED = 0xfee0_0c00L;

  @AutoClose private final TestHost machine = new TestHost();
  private KvmVm vm;
  private KvmVcpu second;

  private void start(boolean split, long flags) {
    OrdinaryVm guest = OrdinaryVm.on(machine);
    (split ? guest.splitIrqchip() : guest.irqchip()).enable(KvmCap.X2APIC_API, flags);
    vm = guest.vm;
    KvmCpuid2 list = guest.supportedCpuid();
    for (int id = 0; id < 2; id++) {
      second = guest.vcpu(id);
      assertThat(second.setCpuid2(list)).isZero();
      long base = X2_ENABLED | (id == 0 ? 1 << 8 : 0);
      assertThat(setMsr(second, 0x1b, base)).isTrue();
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
