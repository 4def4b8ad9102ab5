package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.regs;
import static org.swtdx.kvm.uapi.Errno.EINTR;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.kvm.uapi.KvmMpState;

/** Guests and host code that share processors. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostCpusTest {
  private static final int VCPUS = 9;
  private static final int COUNTERS = 0x2000;

  @AutoClose private TestHost machine = new TestHost(1, port -> port);
  private final List<KvmVcpu> vcpus = new ArrayList<>();
  private final List<FutureTask<Integer>> runs = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    vcpus.forEach(KvmVcpu::kick);
    for (FutureTask<Integer> run : runs) {
      assertThat(run.get()).isEqualTo(-EINTR);
    }
  }

  /** Starts vCPUs that never leave by themselves; each counts in a dword of its own. */
  private OrdinaryVm startCounting() {
    OrdinaryVm guest = OrdinaryVm.on(machine);
    guest.code(0x1000, "66ff07" + "ebfb"); // inc dword [bx]; jmp back
    for (int i = 0; i < VCPUS; i++) {
      KvmVcpu vcpu = guest.vcpuAt(i, 0x1000);
      assertThat(vcpu.setRegs(regs(vcpu).rbx(COUNTERS + 4 * i))).isZero();
      assertThat(vcpu.setMpState(new KvmMpState())).isZero();
      vcpus.add(vcpu);
    }
    for (KvmVcpu vcpu : vcpus) {
      runs.add(new FutureTask<>(vcpu::run));
      new Thread(runs.getLast(), "vCPU " + vcpus.indexOf(vcpu)).start();
    }
    return guest;
  }

  private static void awaitMore(OrdinaryVm guest) {
    for (int i = 0; i < VCPUS; i++) {
      long before = guest.load(COUNTERS + 4L * i, 4);
      while (guest.load(COUNTERS + 4L * i, 4) < before + 100) {
        LockSupport.parkNanos(100_000);
        assertThat(Thread.interrupted()).as("out of time").isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void manyVcpusThatNeverLeaveAllGetOn(int processors) {
    machine.close();
    machine = new TestHost(processors, port -> port);
    OrdinaryVm guest = startCounting();

    awaitMore(guest);
    awaitMore(guest);
  }

  @Test
  void hostCodeGetsAProcessorThatGuestsWaitFor() {
    OrdinaryVm guest = startCounting();
    HostCpus cpus = machine.host.cpus();
    LogicalProcessor lp = machine.platform.processors().getFirst();

    for (int i = 0; i < 5; i++) {
      cpus.acquireExactly(lp);
      assertThat(lp.occupancy().isHeldByCurrentThread()).isTrue();
      cpus.release(lp);
      assertThat(cpus.<LogicalProcessor>onAny(any -> any)).isSameAs(lp);
    }

    awaitMore(guest);
  }

  @Test
  void anInterruptedThreadStillGetsItsProcessor() throws Exception {
    HostCpus cpus = machine.host.cpus();
    LogicalProcessor lp = machine.platform.processors().getFirst();
    cpus.acquireExactly(lp);
    FutureTask<Boolean> waiter =
        new FutureTask<>(
            () -> {
              cpus.acquireExactly(lp);
              cpus.release(lp);
              return Thread.currentThread().isInterrupted();
            });
    Thread thread = new Thread(waiter, "waiter");
    thread.start();

    thread.interrupt();
    LockSupport.parkNanos(10_000_000);
    assertThat(waiter.isDone()).isFalse();
    cpus.release(lp);

    assertThat(waiter.get()).as("is interrupted afterwards").isTrue();
  }
}
