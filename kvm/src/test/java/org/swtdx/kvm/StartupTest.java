package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmVcpuEvents;
import org.swtdx.kvm.uapi.KvmVmType;

/** An application processor before INIT and SIPI, and signals that reach or don't reach KVM_RUN. */
@Timeout(60)
class StartupTest {
  private static final int ICR = 0x30, ICR2 = 0x31, SVR = 0xf;
  private static final int INIT = 0x4500, STARTUP = 0x4600;
  private static final int SIGUSR1 = 10, SIGUSR2 = 12;

  private TestHost machine;
  private VmmProcess process;
  private KvmVm vm;

  @BeforeEach
  void switchOn() {
    machine = new TestHost();
    process = machine.newProcess();
    vm = process.vm(process.openKvm().createVm(KvmVmType.DEFAULT)).orElseThrow();
    long ram = process.memory().mmap(0x10000);
    process.memory().store(ram + 0x3000, 1, 0xf4);
    assertThat(
            vm.setUserMemoryRegion(
                new KvmUserspaceMemoryRegion().memorySize(0x10000).userspaceAddr(ram)))
        .isZero();
  }

  @AfterEach
  void everythingIsGivenBack() {
    process.exit();
    assertThat(machine.host.outstandingFrames()).isZero();
    machine.close();
  }

  private void withLocalApics() {
    assertThat(vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24))).isZero();
  }

  private KvmVcpu vcpu(int id) {
    return process.vcpu(vm.createVcpu(id)).orElseThrow();
  }

  private VcpuFile file(KvmVcpu vcpu) {
    return (VcpuFile) Objects.requireNonNull(process.file(vcpu.fd()));
  }

  private static int state(KvmVcpu vcpu) {
    KvmMpState state = new KvmMpState();
    assertThat(vcpu.getMpState(state)).isZero();
    return state.mpState();
  }

  /** The first vCPU sends an interprocessor interrupt to the second. */
  private void send(KvmVcpu from, int command) {
    KvmLapicState apic = new KvmLapicState();
    assertThat(from.getLapic(apic)).isZero();
    apic.reg(SVR, 0x1ff).reg(ICR2, 1 << 24);
    assertThat(from.setLapic(apic)).isZero();
    file(from).vcpu().lapic().write(ICR, command);
  }

  private void awaitBlocked(KvmVcpu vcpu) throws InterruptedException {
    while (!file(vcpu).vcpu().isBlocked()) {
      Thread.sleep(1);
    }
  }

  @Test
  void anApplicationProcessorBlocksUntilInitAndIsRunAgain() throws Exception {
    withLocalApics();
    KvmVcpu first = vcpu(0);
    KvmVcpu second = vcpu(1);
    assertThat(state(second)).isEqualTo(KvmMpState.UNINITIALIZED);

    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<Integer> run = thread.submit(second::run);
      awaitBlocked(second);
      send(first, INIT);
      assertThat(run.get()).isEqualTo(-Errno.EAGAIN);
      assertThat(state(second)).isEqualTo(KvmMpState.INIT_RECEIVED);

      Future<Integer> again = thread.submit(second::run);
      awaitBlocked(second);
      send(first, STARTUP | 3);
      file(second).kick();
      assertThat(again.get()).isEqualTo(-Errno.EINTR);
      assertThat(state(second)).isNotEqualTo(KvmMpState.INIT_RECEIVED);
    }
    KvmSregs sregs = new KvmSregs();
    assertThat(second.getSregs(sregs)).isZero();
    assertThat(sregs.base(0)).isEqualTo(0x3000);
  }

  @Test
  void aSignalEndsTheWaitForInit() {
    withLocalApics();
    vcpu(0);
    KvmVcpu second = vcpu(1);

    file(second).kick();
    assertThat(second.run()).isEqualTo(-Errno.EINTR);
    assertThat(second.kvmRun().exitReason()).isEqualTo(KvmExit.INTR);
    second.kvmRun().immediateExit(1);
    assertThat(second.run()).isEqualTo(-Errno.EINTR);
  }

  @Test
  void withoutLocalApicsEveryProcessorStartsAtOnce() {
    vcpu(0);

    assertThat(state(vcpu(1))).isEqualTo(KvmMpState.RUNNABLE);
  }

  @Test
  void userSpaceMaySayThatAStartupArrived() {
    withLocalApics();
    vcpu(0);
    KvmVcpu second = vcpu(1);
    KvmVcpuEvents events = new KvmVcpuEvents();
    assertThat(second.setVcpuEvents(events.flags(2).sipiVector(3))).isZero();

    assertThat(second.setMpState(new KvmMpState().mpState(KvmMpState.SIPI_RECEIVED))).isZero();

    assertThat(state(second)).isEqualTo(KvmMpState.RUNNABLE);
    KvmSregs sregs = new KvmSregs();
    assertThat(second.getSregs(sregs)).isZero();
    assertThat(sregs.base(0)).isEqualTo(0x3000);
  }

  private int setMask(KvmVcpu vcpu, long blocked) {
    long at = process.memory().mmap(4096);
    process.memory().store(at, 4, 8);
    process.memory().store(at + 4, 8, blocked);
    return process.ioctl(vcpu.fd(), KvmIoctl.SET_SIGNAL_MASK, at);
  }

  @Test
  void aBlockedSignalStaysPendingUntilTheMaskAllowsIt() {
    withLocalApics();
    KvmVcpu vcpu = vcpu(0);
    assertThat(setMask(vcpu, 1L << SIGUSR1 - 1)).isZero();
    file(vcpu).signal(SIGUSR1);
    file(vcpu).signal(SIGUSR2);

    assertThat(vcpu.run()).isEqualTo(-Errno.EINTR); // the second signal
    file(vcpu).signal(SIGUSR1);
    assertThat(file(vcpu).vcpu().signalPending()).isFalse();
    file(vcpu).kick();
    assertThat(vcpu.run()).isEqualTo(-Errno.EINTR); // what nothing blocks
    assertThat(process.ioctl(vcpu.fd(), KvmIoctl.SET_SIGNAL_MASK, 0)).isZero();
    assertThat(vcpu.run()).isEqualTo(-Errno.EINTR); // the first one, now allowed
    assertThat(file(vcpu).vcpu().signalPending()).isFalse();
  }
}
