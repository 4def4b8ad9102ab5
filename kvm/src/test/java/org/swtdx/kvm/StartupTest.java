package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.sregs;

import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmVcpuEvents;

/** An application processor before INIT and SIPI, and signals that reach or don't reach KVM_RUN. */
@Timeout(60)
class StartupTest {
  private static final int ICR = 0x30, ICR2 = 0x31, SVR = 0xf;
  private static final int INIT = 0x4500, STARTUP = 0x4600;
  private static final int SIGUSR1 = 10, SIGUSR2 = 12;

  @AutoClose private final OrdinaryVm guest = new OrdinaryVm().code(0x3000, "f4");

  private VcpuFile file(KvmVcpu vcpu) {
    return (VcpuFile) Objects.requireNonNull(guest.process.file(vcpu.fd()));
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
    guest.splitIrqchip();
    KvmVcpu first = guest.vcpu(0);
    KvmVcpu second = guest.vcpu(1);
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
    assertThat(sregs(second).base(KvmSregs.CS)).isEqualTo(0x3000);
  }

  @Test
  void aSignalEndsTheWaitForInit() {
    guest.splitIrqchip();
    guest.vcpu(0);
    KvmVcpu second = guest.vcpu(1);

    file(second).kick();
    assertThat(second.run()).isEqualTo(-Errno.EINTR);
    assertThat(second.kvmRun().exitReason()).isEqualTo(KvmExit.INTR);
    second.kvmRun().immediateExit(1);
    assertThat(second.run()).isEqualTo(-Errno.EINTR);
  }

  @Test
  void withoutLocalApicsEveryProcessorStartsAtOnce() {
    guest.vcpu(0);

    assertThat(state(guest.vcpu(1))).isEqualTo(KvmMpState.RUNNABLE);
  }

  @Test
  void userSpaceMaySayThatAStartupArrived() {
    guest.splitIrqchip();
    guest.vcpu(0);
    KvmVcpu second = guest.vcpu(1);
    KvmVcpuEvents events = new KvmVcpuEvents();
    assertThat(second.setVcpuEvents(events.flags(2).sipiVector(3))).isZero();

    assertThat(second.setMpState(new KvmMpState().mpState(KvmMpState.SIPI_RECEIVED))).isZero();

    assertThat(state(second)).isEqualTo(KvmMpState.RUNNABLE);
    assertThat(sregs(second).base(KvmSregs.CS)).isEqualTo(0x3000);
  }

  private int setMask(KvmVcpu vcpu, long blocked) {
    long at = guest.memory.mmap(4096);
    guest.memory.store(at, 4, 8);
    guest.memory.store(at + 4, 8, blocked);
    return guest.process.ioctl(vcpu.fd(), KvmIoctl.SET_SIGNAL_MASK, at);
  }

  @Test
  void aBlockedSignalStaysPendingUntilTheMaskAllowsIt() {
    guest.splitIrqchip();
    KvmVcpu vcpu = guest.vcpu(0);
    assertThat(setMask(vcpu, 1L << SIGUSR1 - 1)).isZero();
    file(vcpu).signal(SIGUSR1);
    file(vcpu).signal(SIGUSR2);

    assertThat(vcpu.run()).isEqualTo(-Errno.EINTR); // the second signal
    file(vcpu).signal(SIGUSR1);
    assertThat(file(vcpu).vcpu().signalPending()).isFalse();
    file(vcpu).kick();
    assertThat(vcpu.run()).isEqualTo(-Errno.EINTR); // what nothing blocks
    assertThat(guest.process.ioctl(vcpu.fd(), KvmIoctl.SET_SIGNAL_MASK, 0)).isZero();
    assertThat(vcpu.run()).isEqualTo(-Errno.EINTR); // the first one, now allowed
    assertThat(file(vcpu).vcpu().signalPending()).isFalse();
  }
}
