package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmClockData;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmVmType;

/** The kvmclock: what the guest computes from its TSC is what KVM_GET_CLOCK says. */
class ParavirtualClockTest {
  private static final int WALL_CLOCK = 0x4b56_4d00, SYSTEM_TIME = 0x4b56_4d01;
  private static final long TIME = 0x2000, WALL = 0x3000;
  private static final long SECOND = 1_000_000_000;

  private TestHost machine;
  private VmmProcess process;
  private KvmVm vm;
  private KvmVcpu vcpu;
  private long ram;

  @BeforeEach
  void switchOn() {
    machine = new TestHost();
    process = machine.host.newProcess();
    vm = process.vm(process.openKvm().createVm(KvmVmType.DEFAULT)).orElseThrow();
    vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    ram = process.memory().mmap(0x10000);
    slot(0, 0, 0x10000, ram);
    long rom = process.memory().mmap(4096);
    // mov ecx,SYSTEM_TIME; mov eax,TIME|1; xor edx,edx; wrmsr; mov ecx,WALL_CLOCK; mov eax,WALL
    // wrmsr; out 0x80,al; jmp to the out
    byte[] code =
        HexFormat.of()
            .parseHex("66b9014d564b66b8012000006631d20f3066b9004d564b66b8003000000f30e680ebfc");
    process.memory().write(rom, code, 0, code.length);
    process.memory().write(rom + 0xff0, HexFormat.of().parseHex("e90df0"), 0, 3);
    slot(1, 0xffff_f000L, 4096, rom);
  }

  @AfterEach
  void everythingIsGivenBack() {
    process.exit();
    assertThat(machine.host.outstandingFrames()).isZero();
    machine.close();
  }

  private void slot(int id, long gpa, long size, long uaddr) {
    assertThat(
            vm.setUserMemoryRegion(
                new KvmUserspaceMemoryRegion()
                    .slot(id)
                    .guestPhysAddr(gpa)
                    .memorySize(size)
                    .userspaceAddr(uaddr)))
        .isZero();
  }

  private void runToOut() {
    assertThat(vcpu.run()).isZero();
    assertThat(vcpu.kvmRun().exitReason()).isEqualTo(KvmExit.IO);
  }

  private long word(long gpa, int bytes) {
    return process.memory().load(ram + gpa, bytes);
  }

  private long guestTsc() {
    KvmMsrs msrs = new KvmMsrs(1).index(0, 0x10);
    assertThat(vcpu.getMsrs(msrs)).isEqualTo(1);
    return msrs.data(0);
  }

  /** The time as the guest computes it. */
  private long guestTime() {
    assertThat(word(TIME, 4) & 1).as("version").isZero();
    long ticks = guestTsc() - word(TIME + 8, 8);
    int shift = (byte) word(TIME + 28, 1);
    long shifted = shift < 0 ? ticks >>> -shift : ticks << shift;
    long factor = word(TIME + 24, 4);
    long high = Math.unsignedMultiplyHigh(shifted, factor);
    return word(TIME + 16, 8) + (high << 32 | shifted * factor >>> 32);
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
    long guest = guestTime();
    long after = clock();
    assertThat(guest).isBetween(before - 1000, after + 1000);
    assertThat(before).as("it began with the VM").isBetween(0L, 600 * SECOND);
    long wall = word(WALL + 4, 4) * SECOND + word(WALL + 8, 4) + clock();
    assertThat(wall).isCloseTo(System.currentTimeMillis() * 1_000_000, within(2 * SECOND));
  }

  @Test
  void aFrequencyOfItsOwnIsScaled() {
    assertThat(vcpu.setTscKhz(3_000_000)).isZero();
    runToOut();

    long before = clock();
    long guest = guestTime();
    assertThat(guest).isBetween(before - 5000, clock() + 5000);
  }

  @Test
  void settingTheClockReachesTheGuestWithItsNextEntry() {
    runToOut();
    long version = word(TIME, 4);

    assertThat(vm.setClock(new KvmClockData().clock(1000 * SECOND))).isZero();
    runToOut();

    assertThat(word(TIME, 4)).isEqualTo(version + 2);
    assertThat(guestTime()).isBetween(1000 * SECOND, 1600 * SECOND);
  }

  @Test
  void aGuestWithAClockLearnsThatItWasStopped() {
    assertThat(process.ioctl(vcpu.fd(), KvmIoctl.KVMCLOCK_CTRL, 0)).isEqualTo(-Errno.EINVAL);
    runToOut();
    assertThat(word(TIME + 29, 1)).isEqualTo(1);

    assertThat(process.ioctl(vcpu.fd(), KvmIoctl.KVMCLOCK_CTRL, 0)).isZero();
    runToOut();

    assertThat(word(TIME + 29, 1)).isEqualTo(3);
  }

  @Test
  void userSpaceSavesAndRestoresWhereItIs() {
    runToOut();
    KvmMsrs msrs = new KvmMsrs(2).index(0, SYSTEM_TIME).index(1, WALL_CLOCK);
    assertThat(vcpu.getMsrs(msrs)).isEqualTo(2);
    assertThat(msrs.data(0)).isEqualTo(TIME | 1);
    assertThat(msrs.data(1)).isEqualTo(WALL);

    assertThat(vcpu.setMsrs(new KvmMsrs(1).index(0, SYSTEM_TIME).data(0, 0x4001))).isEqualTo(1);
    runToOut();

    assertThat(word(0x4000, 4)).isEqualTo(2);
  }

  @Test
  void aClockWhereThereIsNoMemoryHarmsNobody() {
    KvmMsrs far = new KvmMsrs(2).index(0, SYSTEM_TIME).data(0, -1).index(1, WALL_CLOCK).data(1, -4);
    assertThat(vcpu.setMsrs(far)).isEqualTo(2);

    runToOut();
  }

  @Test
  void cpuidAdvertisesIt() {
    KvmCpuid2 list = new KvmCpuid2(100);
    assertThat(process.openKvm().getSupportedCpuid(list)).isZero();

    assertThat(list.eax(list.find(0x4000_0001, 0))).isEqualTo(0x0100_000b);
  }
}
