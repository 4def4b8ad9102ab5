package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdhVp;
import org.swtdx.seamcall.TdxStatus;

/** TD vCPUs that move between logical processors, and the TDH.VP.FLUSH that lets them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VcpuMigrationTest {
  private final SeamTrace trace = new SeamTrace();
  private final List<Thread> hosts = new ArrayList<>();
  private volatile boolean hostsStop;
  @AutoClose private TestHost machine = new TestHost(2, trace::before);

  @AfterEach
  void noVcpuIsAssociated() throws InterruptedException {
    freeProcessors();
    for (LogicalProcessor lp : machine.platform.processors()) {
      assertThat(associations(lp)).as("vCPUs on the list of processor %d", lp.index()).isZero();
    }
  }

  private int associations(LogicalProcessor lp) {
    machine.host.cpus().acquireExactly(lp);
    try {
      return machine.host.associations().count(lp);
    } finally {
      machine.host.cpus().release(lp);
    }
  }

  /** Another thread of the host is processor {@code index} from now on, and takes interrupts. */
  private void occupy(int index) {
    HostCpus cpus = machine.host.cpus();
    LogicalProcessor lp = machine.platform.processors().get(index);
    Thread thread =
        new Thread(
            () -> {
              cpus.acquireExactly(lp);
              while (!hostsStop) {
                cpus.serve(lp);
                LockSupport.parkNanos(1000);
              }
              cpus.release(lp);
            });
    hosts.add(thread);
    thread.start();
    while (!lp.occupancy().isLocked()) {
      Thread.onSpinWait();
    }
  }

  private void freeProcessors() throws InterruptedException {
    hostsStop = true;
    for (Thread thread : hosts) {
      thread.join();
    }
    hosts.clear();
    hostsStop = false;
  }

  private TestTd td() {
    TestTd td = TestTd.withVcpu(machine, 1L << 28);
    for (int i = 0; i < 20; i++) {
      td.call(0, 30, 1, 1, 0x80, i);
    }
    return td.start();
  }

  private static void nextWrite(TestTd td) {
    td.exit(KvmExit.IO);
    td.nextReport();
  }

  /** Lets the vCPU run while {@code index} is the only processor that is free. */
  private void runOn(TestTd td, int index) throws InterruptedException {
    for (LogicalProcessor lp : machine.platform.processors()) {
      if (lp.index() != index) {
        occupy(lp.index());
      }
    }
    nextWrite(td);
    freeProcessors();
  }

  /** TDH.VP.FLUSH behind KVM's back. */
  private TdxStatus flush(TestTd td, int processor) {
    if (!(td.process.file(td.vcpu.fd()) instanceof VcpuFile file)
        || !(file.vcpu() instanceof TdxVcpu vcpu)) {
      throw new AssertionError("no vCPU of a TD");
    }
    LogicalProcessor lp = machine.platform.processors().get(processor);
    machine.host.cpus().acquireExactly(lp);
    try {
      return vcpu.vm().tdx().vp().flush(lp, vcpu.vp());
    } finally {
      machine.host.cpus().release(lp);
    }
  }

  @Test
  void theProcessorThatHasAVcpuFlushesItBeforeAnotherEntersIt() throws InterruptedException {
    TestTd td = td();
    runOn(td, 0);
    trace.watch(TdhVp.ENTER, TdhVp.FLUSH);

    runOn(td, 1);
    runOn(td, 0);

    List<String> moves = new ArrayList<>();
    for (SeamTrace.Call call : trace.calls()) {
      String move = SeamTrace.name(call.leaf()) + " on " + call.lp();
      if (moves.isEmpty() || !moves.getLast().equals(move)) {
        moves.add(move);
      }
      assertThat(call.status().isSuccess()).as("%s", call).isTrue();
    }
    assertThat(moves)
        .containsExactly("VP.FLUSH on 0", "VP.ENTER on 1", "VP.FLUSH on 1", "VP.ENTER on 0");
    td.process.exit();
  }

  /** The flush interrupts a guest that would not leave by itself, and it goes on. */
  @Test
  void aGuestThatKeepsTheProcessorIsInterruptedForTheFlush() throws Exception {
    TestTd td = td();
    runOn(td, 0);
    occupy(1);
    ConvertingTd busy =
        new ConvertingTd(
            machine,
            new ConvertingGuest.Shape(1, 0x1000, 0x1000, Integer.MAX_VALUE),
            ConvertingTd.Mode.COUNT,
            false);
    FutureTask<Boolean> running = new FutureTask<>(() -> busy.run(0, Long.MAX_VALUE));
    new Thread(running, "busy vCPU").start();
    while (busy.count(0, 0) < 10) {
      Thread.onSpinWait();
    }
    freeProcessors();
    trace.watch(TdhVp.FLUSH);

    nextWrite(td);

    assertThat(trace.calls()).extracting(SeamTrace.Call::lp).containsExactly(0);
    long count = busy.count(0, 0);
    while (busy.count(0, 0) < count + 10) {
      Thread.onSpinWait();
    }
    busy.vcpus.getFirst().kick();
    assertThat(running.get()).isFalse();
    busy.process.exit();
    td.process.exit();
  }

  @Test
  void aVcpuThatStaysIsNotFlushed() {
    TestTd td = td();
    trace.watch(TdhVp.FLUSH);

    for (int i = 0; i < 10; i++) {
      nextWrite(td);
    }

    assertThat(trace.calls()).isEmpty();
    td.process.exit();
    assertThat(trace.calls()).as("once, at its end").hasSize(1);
  }

  @Test
  void aFlushThatFindsNoAssociationIsNoError() throws InterruptedException {
    TestTd td = td();
    runOn(td, 0);
    assertThat(flush(td, 0).isSuccess()).isTrue();

    trace.watch(TdhVp.FLUSH);
    runOn(td, 1);

    assertThat(trace.saw(StatusCode.VCPU_NOT_ASSOCIATED)).isTrue();
    td.process.exit();
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPERAND_BUSY", "TDCX_NUM_INCORRECT"})
  void aFlushThatIsRefusedLeavesADeadVmAndNothingElse(StatusCode refusal)
      throws InterruptedException {
    TestTd td = td();
    runOn(td, 0);
    trace.watch(TdhVp.ENTER, TdhVp.FLUSH);
    trace.answer(TdhVp.FLUSH, refusal, 1);
    occupy(0);

    assertThat(td.vcpu.run()).isEqualTo(-EIO);

    assertThat(trace.calls()).extracting(SeamTrace.Call::leaf).containsExactly(TdhVp.FLUSH);
    assertThat(td.vm.checkExtension(0)).as("any ioctl").isEqualTo(-EIO);
    assertThat(machine.host.kernelLog())
        .anyMatch(line -> line.contains("TDH.VP.FLUSH failed: TDX_" + refusal));
    freeProcessors();
    flush(td, 0);
    td.process.exit();
  }

  @Test
  void aProcessorThatGoesOfflineFlushesItsVcpus() throws InterruptedException {
    TestTd td = td();
    runOn(td, 0);
    trace.watch(TdhVp.ENTER, TdhVp.FLUSH);

    assertThat(machine.host.takeOffline(0)).isZero();

    assertThat(trace.calls()).extracting(SeamTrace.Call::lp).containsExactly(0);
    nextWrite(td);
    assertThat(trace.calls().stream().skip(1)).isNotEmpty().allMatch(c -> c.lp() == 1);
    assertThat(trace.calls().stream().filter(c -> c.leaf().equals(TdhVp.FLUSH))).hasSize(1);
    assertThat(machine.host.takeOffline(0)).as("twice").isEqualTo(-EINVAL);
    assertThat(machine.host.takeOffline(2)).as("not there").isEqualTo(-EINVAL);
    assertThat(machine.host.takeOffline(1)).as("the last one").isEqualTo(-EBUSY);
    assertThat(machine.host.takeOnline(0)).isZero();
    assertThat(machine.host.takeOnline(0)).as("twice").isEqualTo(-EINVAL);
    runOn(td, 0);
    td.process.exit();
  }

  @Test
  void aPackageKeepsAProcessorWhileThereAreKeyIds() {
    machine.close();
    machine = new TestHost(2, 1, 4, trace::before);
    TestTd td = TestTd.initialized(machine, 0);

    assertThat(machine.host.takeOffline(1)).isEqualTo(-EBUSY);
    td.process.exit();
    assertThat(machine.host.takeOffline(1)).isZero();
    TestTd without = TestTd.bare(machine);
    assertThat(without.splitIrqchip()).isZero();
    assertThat(without.initVm(TestTd.initVm())).as("a key in every package").isEqualTo(-EIO);
    assertThat(machine.host.takeOnline(1)).isZero();
    assertThat(without.initVm(TestTd.initVm())).isZero();
    without.process.exit();
  }

  /** More vCPUs than processors, each with work, and the processors lent to others in between. */
  @Test
  void fourVcpusMoveAboutOnTwoProcessorsUnderLoad() throws Exception {
    machine.close();
    machine = new TestHost(4, trace::before);
    assertThat(machine.host.takeOffline(2)).isZero();
    assertThat(machine.host.takeOffline(3)).isZero();
    TestTd td = TestTd.withVcpu(machine, 1L << 28);
    List<KvmVcpu> vcpus = new ArrayList<>(List.of(td.vcpu));
    for (int i = 1; i < 4; i++) {
      vcpus.add(td.addVcpu(i));
    }
    int pages = 40;
    for (int i = 0; i < 4; i++) {
      for (int page = 0; page < pages; page++) {
        long gpa = 0x20_0000 + 0x1000L * (4 * page + i);
        td.callOf(i, 0, TestTd.ACCEPT, gpa).callOf(i, 0, TestTd.TOUCH, gpa, gpa + i);
      }
    }
    td.start();
    trace.watch(TdhVp.ENTER, TdhVp.FLUSH);

    AtomicIntegerArray done = new AtomicIntegerArray(4);
    CountDownLatch end = new CountDownLatch(1);
    List<FutureTask<Boolean>> running = new ArrayList<>();
    occupy(1);
    for (int i = 0; i < 4; i++) {
      int index = i;
      running.add(
          new FutureTask<>(() -> acceptsAndTouches(vcpus.get(index), index, pages, done, end)));
      new Thread(running.getLast(), "vCPU " + i).start();
    }
    awaitAll(done, 5);
    freeProcessors();
    for (int turn = 0; !all(done, pages - 5); turn++) {
      occupy(turn & 1);
      LockSupport.parkNanos(300_000);
      freeProcessors();
    }
    occupy(0);
    end.countDown();

    for (FutureTask<Boolean> each : running) {
      assertThat(each.get()).isTrue();
    }
    freeProcessors();
    assertThat(trace.saw(StatusCode.VCPU_ASSOCIATED)).isFalse();
    Map<Long, Set<Integer>> entered = new HashMap<>();
    for (SeamTrace.Call call : trace.calls()) {
      if (call.leaf().equals(TdhVp.ENTER)) {
        entered.computeIfAbsent(call.rcx(), _ -> new HashSet<>()).add(call.lp());
      }
    }
    assertThat(entered).hasSize(4);
    assertThat(entered.values()).as("processors of each vCPU").containsOnly(Set.of(0, 1));
    td.process.exit();
  }

  private static boolean all(AtomicIntegerArray done, int pages) {
    return IntStream.range(0, done.length()).allMatch(i -> done.get(i) >= pages);
  }

  private static void awaitAll(AtomicIntegerArray done, int pages) {
    while (!all(done, pages)) {
      LockSupport.parkNanos(100_000);
    }
  }

  /** What one vCPU does; before its last five pages it waits for {@code end}. */
  private static boolean acceptsAndTouches(
      KvmVcpu vcpu, int index, int pages, AtomicIntegerArray done, CountDownLatch end)
      throws InterruptedException {
    for (int page = 0; page < pages; page++) {
      if (page == pages - 5) {
        end.await();
      }
      long gpa = 0x20_0000 + 0x1000L * (4 * page + index);
      assertThat(TestTd.nextReport(vcpu)[0]).as("accept").isZero();
      assertThat(TestTd.nextReport(vcpu)[1]).as("what was stored").isEqualTo(gpa + index);
      done.incrementAndGet(index);
    }
    assertThat(vcpu.run()).isZero();
    KvmRun run = vcpu.kvmRun();
    return run.exitReason() == KvmExit.SHUTDOWN;
  }
}
