package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.msr;
import static org.swtdx.kvm.Vcpus.setMsr;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmClockData;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmMsrs;

/** The kvmclock: what the guest computes from its TSC is what KVM_GET_CLOCK says. */
class ParavirtualClockTest {
  private static final int WALL_CLOCK = 0x4b56_4d00, SYSTEM_TIME = 0x4b56_4d01, TSC = 0x10;
  private static final long TIME = 0x2000, WALL = 0x3000;
  private static final long SECOND = 1_000_000_000;

  /**
   * mov ecx,SYSTEM_TIME; mov eax,TIME|1; xor edx,edx; wrmsr; mov ecx,WALL_CLOCK; mov eax,WALL;
   * wrmsr; out 0x80,al; jmp to the out.
   */
  private static final String CODE =
      "66b9014d564b66b8012000006631d20f3066b9004d564b66b8003000000f30e680ebfc";

  @AutoClose private final OrdinaryVm guest = new OrdinaryVm().codeAtReset(CODE);
  private final KvmVm vm = guest.vm;
  private final KvmVcpu vcpu = guest.vcpu(0);

  private void runToOut() {
    exit(vcpu, KvmExit.IO);
  }

  /** The time as the guest computes it. */
  private long guestTime() {
    assertThat(guest.load(TIME, 4) & 1).as("version").isZero();
    long ticks = msr(vcpu, TSC) - guest.load(TIME + 8, 8);
    int shift = (byte) guest.load(TIME + 28, 1);
    long shifted = shift < 0 ? ticks >>> -shift : ticks << shift;
    long factor = guest.load(TIME + 24, 4);
    long high = Math.unsignedMultiplyHigh(shifted, factor);
    return guest.load(TIME + 16, 8) + (high << 32 | shifted * factor >>> 32);
  }

  private long clock() {
    KvmClockData data = new KvmClockData();
    assertThat(vm.getClock(data)).isZero();
    return data.clock();
  }

  @Test
  void theGuestComputesTheTimeOfTheVm() {
    runToOut();

    long before = clock();
    long computed = guestTime();
    long after = clock();
    assertThat(computed).isBetween(before - 1000, after + 1000);
    assertThat(before).as("it began with the VM").isBetween(0L, 600 * SECOND);
    long wall = guest.load(WALL + 4, 4) * SECOND + guest.load(WALL + 8, 4) + clock();
    assertThat(wall).isCloseTo(System.currentTimeMillis() * 1_000_000, within(2 * SECOND));
  }

  @Test
  void aFrequencyOfItsOwnIsScaled() {
    assertThat(vcpu.setTscKhz(3_000_000)).isZero();
    runToOut();

    long before = clock();
    long computed = guestTime();
    assertThat(computed).isBetween(before - 5000, clock() + 5000);
  }

  @Test
  void settingTheClockReachesTheGuestWithItsNextEntry() {
    runToOut();
    long version = guest.load(TIME, 4);

    assertThat(vm.setClock(new KvmClockData().clock(1000 * SECOND))).isZero();
    runToOut();

    assertThat(guest.load(TIME, 4)).isEqualTo(version + 2);
    assertThat(guestTime()).isBetween(1000 * SECOND, 1600 * SECOND);
  }

  @Test
  void aGuestWithAClockLearnsThatItWasStopped() {
    assertThat(guest.process.ioctl(vcpu.fd(), KvmIoctl.KVMCLOCK_CTRL, 0)).isEqualTo(-Errno.EINVAL);
    runToOut();
    assertThat(guest.load(TIME + 29, 1)).isEqualTo(1);

    assertThat(guest.process.ioctl(vcpu.fd(), KvmIoctl.KVMCLOCK_CTRL, 0)).isZero();
    runToOut();

    assertThat(guest.load(TIME + 29, 1)).isEqualTo(3);
  }

  @Test
  void userSpaceSavesAndRestoresWhereItIs() {
    runToOut();
    KvmMsrs msrs = new KvmMsrs(2).index(0, SYSTEM_TIME).index(1, WALL_CLOCK);
    assertThat(vcpu.getMsrs(msrs)).isEqualTo(2);
    assertThat(msrs.data(0)).isEqualTo(TIME | 1);
    assertThat(msrs.data(1)).isEqualTo(WALL);

    assertThat(setMsr(vcpu, SYSTEM_TIME, 0x4001)).isTrue();
    runToOut();

    assertThat(guest.load(0x4000, 4)).isEqualTo(2);
  }

  @Test
  void aClockWhereThereIsNoMemoryHarmsNobody() {
    KvmMsrs far = new KvmMsrs(2).index(0, SYSTEM_TIME).data(0, -1).index(1, WALL_CLOCK).data(1, -4);
    assertThat(vcpu.setMsrs(far)).isEqualTo(2);

    runToOut();
  }

  @Test
  void cpuidAdvertisesIt() {
    KvmCpuid2 list = guest.supportedCpuid();

    assertThat(list.eax(list.find(0x4000_0001, 0))).isEqualTo(0x0100_000b);
  }
}
