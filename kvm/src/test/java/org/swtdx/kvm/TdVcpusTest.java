package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;

/** Several vCPUs of one TD, and the interrupts that they send each other. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TdVcpusTest {
  private static final int HLT = 12;
  private static final int RDMSR = 31;
  private static final int WRMSR = 32;
  private static final int APIC_ID = 0x802;
  private static final int SPURIOUS = 0x80f;
  private static final int ICR = 0x830;

  @AutoClose private final TestHost machine = new TestHost();
  private final TestTd td = TestTd.withVcpu(machine, 1L << 28);
  private final KvmVcpu second = td.addVcpu(1);

  @Test
  void eachVcpuHasItsOwnIndexAndApicId() {
    td.call(0, RDMSR, APIC_ID).callOf(1, 0, RDMSR, APIC_ID).start();

    assertThat(TestTd.nextReport(second)).containsExactly(0, 1);
    assertThat(td.nextReport()).containsExactly(0, 0);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "physical destination, 0x1_0000_0041",
    "logical destination, 0x2_0000_0841",
    "every APIC in the cluster, 0x3_0000_0841",
    "broadcast, 0xffffffff_0000_0041",
    "all but the sender, 0x0c_0041",
    "all with the sender, 0x08_0041",
  })
  void anInterprocessorInterruptEndsTheHaltOfItsTarget(String what, String icr) throws Exception {
    long command = Long.parseUnsignedLong(icr.substring(2).replace("_", ""), 16);
    td.call(0, WRMSR, ICR, command);
    FutureTask<long[]> halted = halt(() -> TestTd.nextReport(second));

    assertThat(td.nextReport()[0]).as("R10 of the sender").isZero();

    assertThat(halted.get()[0]).as("R10 of the target").isZero();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "another physical id, 0x2_0000_0041",
    "another bit of the cluster, 0x1_0000_0841",
    "another cluster, 0x10002_0000_0841",
    "the sender alone, 0x04_0041",
    "INIT, 0x1_0000_4500",
    "SIPI, 0x1_0000_0610",
  })
  void whatIsNotForAVcpuLeavesItHalted(String what, String icr) throws Exception {
    long command = Long.parseUnsignedLong(icr.substring(2).replace("_", ""), 16);
    td.call(0, WRMSR, ICR, command);
    FutureTask<Integer> halted = halt(second::run);

    assertThat(td.nextReport()[0]).isZero();
    second.kick();
    assertThat(halted.get()).isEqualTo(-Errno.EINTR);

    FutureTask<Integer> again = untilItWaits(second::run);
    second.kick();
    assertThat(again.get()).as("blocks once more").isEqualTo(-Errno.EINTR);
  }

  @Test
  void anNmiOfAnotherVcpuIsInjected() throws Exception {
    td.call(0, WRMSR, ICR, 0x1_0000_0400L);
    FutureTask<Integer> halted = halt(second::run);

    assertThat(td.nextReport()[0]).isZero();

    assertThat(halted.get()).isZero();
    assertThat(KvmExit.name(second.kvmRun().exitReason()))
        .as("an NMI without an IDT is a triple fault")
        .isEqualTo(KvmExit.name(KvmExit.SHUTDOWN));
  }

  @Test
  void anNmiOfUserSpaceIsInjected() throws Exception {
    FutureTask<Integer> halted = halt(second::run);
    second.kick();
    assertThat(halted.get()).isEqualTo(-Errno.EINTR);

    assertThat(second.nmi()).isZero();

    assertThat(second.run()).isZero();
    assertThat(second.kvmRun().exitReason()).isEqualTo(KvmExit.SHUTDOWN);
  }

  @Test
  void vcpusRunAtTheSameTime() throws InterruptedException, ExecutionException {
    int calls = 60;
    for (int i = 0; i < calls; i++) {
      td.call(0, TestTd.ACCEPT, 0x20_0000 + 0x2000L * i);
      td.callOf(1, 0, TestTd.ACCEPT, 0x20_1000 + 0x2000L * i);
    }
    td.start();
    FutureTask<Long> other = thread(() -> sumOfReports(second, calls));

    assertThat(sumOfReports(td.vcpu, calls)).as("statuses of the first").isZero();

    assertThat(other.get()).as("statuses of the second").isZero();
    for (int i = 0; i < 2 * calls; i++) {
      assertThat(td.ram.file().frames().lookup(0x200 + i))
          .as("page %d", i)
          .isNotNegative()
          .isNotZero();
    }
  }

  private static long sumOfReports(KvmVcpu vcpu, int calls) {
    long sum = 0;
    for (int i = 0; i < calls; i++) {
      sum |= TestTd.nextReport(vcpu)[0];
    }
    return sum;
  }

  /** Lets the second vCPU enable its APIC and halt, and {@code run} it from there. */
  private <T> FutureTask<T> halt(Callable<T> run) {
    td.callOf(1, 0, WRMSR, SPURIOUS, 0x1ff).callOf(1, 0, HLT).start();
    assertThat(TestTd.nextReport(second)[0]).isZero();
    return untilItWaits(run);
  }

  private static <T> FutureTask<T> untilItWaits(Callable<T> run) {
    FutureTask<T> task = new FutureTask<>(run);
    Thread thread = new Thread(task);
    thread.start();
    while (thread.getState() != Thread.State.WAITING && !task.isDone()) {
      Thread.onSpinWait();
    }
    return task;
  }

  private static <T> FutureTask<T> thread(Callable<T> run) {
    FutureTask<T> task = new FutureTask<>(run);
    new Thread(task).start();
    return task;
  }
}
