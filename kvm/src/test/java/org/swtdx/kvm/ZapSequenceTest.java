package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINTR;
import static org.swtdx.kvm.uapi.Errno.EIO;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdhMem;
import org.swtdx.seamcall.TdhMng;
import org.swtdx.seamcall.TdhPhymem;
import org.swtdx.seamcall.TdhVp;

/** The SEAMCALLs with which private pages are taken away, one by one and in their order. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ZapSequenceTest {
  private static final long SEPT_VE_DISABLE = 1L << 28;
  private static final long PRIVATE = KvmMemoryAttributes.PRIVATE;
  private static final long GPA = 0x20_0000;
  private static final int PUNCH_HOLE = 3;

  private final SeamTrace trace = new SeamTrace();
  @AutoClose private final TestHost machine = new TestHost(2, trace::before);

  private void watch() {
    trace.watch(
        TdhMem.RANGE_BLOCK,
        TdhMem.RANGE_UNBLOCK,
        TdhMem.TRACK,
        TdhMem.PAGE_REMOVE,
        TdhMem.PAGE_AUG,
        TdhMem.SEPT_ADD,
        TdhMem.SEPT_REMOVE,
        TdhPhymem.PAGE_WBINVD,
        TdhPhymem.PAGE_RDMD,
        TdhPhymem.PAGE_RECLAIM);
  }

  /** What was called: leaf, guest frame where it takes one, and its status if it refused. */
  private List<String> sequence() {
    return trace.calls().stream().map(ZapSequenceTest::line).toList();
  }

  private static String line(SeamTrace.Call call) {
    String name = SeamTrace.name(call.leaf());
    boolean hasGpa = name.startsWith("MEM.") && !call.leaf().equals(TdhMem.TRACK);
    String gfn = hasGpa ? " " + Long.toHexString(call.rcx() >>> 12) : "";
    return name + gfn + (call.status().isSuccess() ? "" : " " + call.status().code());
  }

  /** A TD that may run, with pages from {@link #GPA} on mapped. */
  private TestTd mapped(int pages) {
    TestTd td = TestTd.withVcpu(machine, SEPT_VE_DISABLE);
    td.call(0, TestTd.ACCEPT, GPA).call(0, TestTd.TOUCH, GPA, 7);
    td.call(0, TestTd.ACCEPT, GPA).call(0, TestTd.TOUCH, GPA, 8);
    td.start();
    KvmPreFaultMemory range = new KvmPreFaultMemory().gpa(GPA).size(4096L * pages);
    assertThat(td.vcpu.preFaultMemory(range)).isZero();
    watch();
    return td;
  }

  private static String frameOf(TestTd td, long gpa) {
    return Long.toHexString(td.ram.file().frames().lookup(gpa >>> 12) >>> 12);
  }

  @Test
  void sharingBlocksTracksRemovesAndWritesBack() {
    TestTd td = mapped(3);
    String frame = frameOf(td, GPA);

    assertThat(td.attributes(GPA, 0x3000, 0)).isZero();

    assertThat(sequence())
        .containsExactly(
            "MEM.RANGE.BLOCK 200",
            "MEM.RANGE.BLOCK 201",
            "MEM.RANGE.BLOCK 202",
            "MEM.TRACK",
            "MEM.PAGE.REMOVE 200",
            "PHYMEM.PAGE.WBINVD",
            "MEM.PAGE.REMOVE 201",
            "PHYMEM.PAGE.WBINVD",
            "MEM.PAGE.REMOVE 202",
            "PHYMEM.PAGE.WBINVD");
    long writtenBack = trace.calls().get(5).rcx();
    long keyId = writtenBack >>> 46;
    assertThat(keyId).as("a private KeyID").isGreaterThan(31);
    assertThat(Long.toHexString((writtenBack & (1L << 46) - 1) >>> 12)).isEqualTo(frame);
  }

  @Test
  void sharingWhatIsNotMappedCallsNothing() {
    TestTd td = mapped(1);

    assertThat(td.attributes(GPA + 0x1000, 0x10_0000, 0)).isZero();
    assertThat(td.attributes(GPA + 0x1000, 0x10_0000, 0)).as("again").isZero();

    assertThat(sequence()).isEmpty();
  }

  @Test
  void makingPrivateCallsNothingUntilTheGuestComes() {
    TestTd td = mapped(1);
    assertThat(td.attributes(GPA, 0x1000, 0)).isZero();
    watch();

    assertThat(td.attributes(GPA, 0x1000, PRIVATE)).isZero();

    assertThat(sequence()).isEmpty();
    assertThat(td.nextReport()[0]).as("accepts").isZero();
    assertThat(sequence()).as("the table is still there").containsExactly("MEM.PAGE.AUG 200");
  }

  @Test
  void makingPrivateTakesTheSharedMappingAway() {
    TestTd td = TestTd.withVcpu(machine, SEPT_VE_DISABLE);
    td.call(0, TestTd.TOUCH, TestTd.SHARED_WINDOW, 5);
    td.call(0, TestTd.TOUCH, TestTd.SHARED_WINDOW, 6).start();
    assertThat(td.attributes(GPA, 0x1000, 0)).isZero();
    assertThat(td.nextReport()[1]).isEqualTo(5);
    watch();

    assertThat(td.attributes(GPA, 0x1000, PRIVATE)).isZero();

    assertThat(td.vcpu.run()).as("the store finds no mapping").isEqualTo(-EFAULT);
    assertThat(td.vcpu.kvmRun().exitReason()).isEqualTo(KvmExit.MEMORY_FAULT);
    assertThat(td.vcpu.kvmRun().memoryFaultGpa()).isEqualTo(GPA);
    assertThat(td.vcpu.kvmRun().memoryFaultFlags()).as("a shared access").isZero();
    assertThat(td.memory.load(td.ramUaddr + GPA, 8)).isEqualTo(5);
    assertThat(sequence()).as("the shared side is the host's own").isEmpty();
  }

  @Test
  void nothingIsTrackedBeforeTheTdCanRun() {
    TestTd td = TestTd.withVcpu(machine, SEPT_VE_DISABLE);
    assertThat(td.addRegion(td.region(td.memory.mmap(4096), GPA, 1), 0)).isZero();
    watch();

    assertThat(td.attributes(GPA, 0x1000, 0)).isZero();

    assertThat(sequence())
        .containsExactly("MEM.RANGE.BLOCK 200", "MEM.PAGE.REMOVE 200", "PHYMEM.PAGE.WBINVD");
  }

  @Test
  void punchingAHoleRemovesThePageBeforeItsFrameIsFreed() {
    TestTd td = mapped(2);
    assertThat(td.nextReport()[0]).isZero();
    assertThat(td.nextReport()[1]).isEqualTo(7);
    watch();
    long frames = machine.host.outstandingFrames();

    assertThat(td.ram.fallocate(PUNCH_HOLE, GPA, 0x1000)).isZero();

    assertThat(sequence())
        .containsExactly(
            "MEM.RANGE.BLOCK 200", "MEM.TRACK", "MEM.PAGE.REMOVE 200", "PHYMEM.PAGE.WBINVD");
    assertThat(machine.host.outstandingFrames()).isEqualTo(frames - 1);
    watch();
    assertThat(td.nextReport()[0]).as("accepts a new page").isZero();
    assertThat(sequence()).containsExactly("MEM.PAGE.AUG 200");
  }

  @Test
  void deletingASlotRemovesItsPages() {
    TestTd td = mapped(1);

    assertThat(td.slot(0, 0, 0, td.ramUaddr, td.ram)).isZero();

    List<String> calls = sequence();
    int pages = 17;
    assertThat(calls).hasSize(3 * pages + 1);
    assertThat(calls.subList(0, pages)).allMatch(c -> c.startsWith("MEM.RANGE.BLOCK"));
    assertThat(calls.get(pages)).isEqualTo("MEM.TRACK");
  }

  @Test
  void largeRangesAreTrackedOncePer512Pages() {
    TestTd td = TestTd.withVcpu(machine, SEPT_VE_DISABLE).start();
    KvmPreFaultMemory range = new KvmPreFaultMemory().gpa(0x10_0000).size(0x2c_0000);
    assertThat(td.vcpu.preFaultMemory(range)).isZero();
    watch();

    assertThat(td.attributes(0x10_0000, 0x2c_0000, 0)).isZero();

    List<String> calls = sequence();
    assertThat(calls.stream().filter("MEM.TRACK"::equals)).hasSize(2);
    assertThat(calls.get(512)).isEqualTo("MEM.TRACK");
    for (int page = 0; page < 0x2c0; page++) {
      String gfn = " " + Integer.toHexString(0x100 + page);
      int blocked = calls.indexOf("MEM.RANGE.BLOCK" + gfn);
      int removed = calls.indexOf("MEM.PAGE.REMOVE" + gfn);
      assertThat(blocked).isNotNegative();
      assertThat(calls.subList(blocked, removed)).as("page" + gfn).contains("MEM.TRACK");
      assertThat(calls.get(removed + 1)).isEqualTo("PHYMEM.PAGE.WBINVD");
    }
  }

  /** A vCPU that is in the guest leaves it after the epoch began and before the page goes. */
  @ParameterizedTest
  @CsvSource({"0", "1"})
  void vcpusLeaveTheGuestBetweenTrackingAndRemoval(int busy) throws Exception {
    ConvertingTd td =
        new ConvertingTd(
            machine,
            new ConvertingGuest.Shape(1, 0x4000, 0x4000, Integer.MAX_VALUE),
            ConvertingTd.Mode.COUNT,
            false);
    FutureTask<Boolean> running = new FutureTask<>(() -> td.run(0, Long.MAX_VALUE));
    new Thread(running, "vCPU 0").start();
    while (td.count(0, 0) < 10) {
      Thread.onSpinWait();
    }
    trace.watch(TdhVp.ENTER, TdhMem.RANGE_BLOCK, TdhMem.TRACK, TdhMem.PAGE_REMOVE);
    trace.answer(TdhMem.TRACK, StatusCode.OPERAND_BUSY, busy);

    assertThat(td.attributes(ConvertingTd.SPARE, 0x1000, 0)).isZero();

    List<String> calls = new ArrayList<>(sequence());
    int blocked = calls.indexOf("MEM.RANGE.BLOCK 9");
    int tracked = calls.lastIndexOf("MEM.TRACK");
    int removed = calls.indexOf("MEM.PAGE.REMOVE 9");
    assertThat(blocked).isNotNegative().isLessThan(tracked);
    if (busy == 0) {
      assertThat(calls.subList(tracked, removed)).as("kicked").contains("VP.ENTER");
    } else {
      int refused = calls.indexOf("MEM.TRACK OPERAND_BUSY");
      assertThat(calls.subList(refused, tracked))
          .as("kicked before the retry")
          .contains("VP.ENTER");
    }
    assertThat(trace.saw(StatusCode.TLB_TRACKING_NOT_DONE)).isFalse();
    td.vcpus.getFirst().kick();
    assertThat(running.get()).isFalse();
  }

  // ---- contention ----

  static Stream<Leaf> leavesThatRemove() {
    return Stream.of(TdhMem.RANGE_BLOCK, TdhMem.TRACK, TdhMem.PAGE_REMOVE);
  }

  @ParameterizedTest
  @MethodSource("leavesThatRemove")
  void aBusyLeafIsRepeatedOnce(Leaf leaf) {
    TestTd td = mapped(1);
    trace.answer(leaf, StatusCode.OPERAND_BUSY, 1);

    assertThat(td.attributes(GPA, 0x1000, 0)).isZero();

    List<String> expected = new ArrayList<>();
    for (String line :
        List.of("MEM.RANGE.BLOCK 200", "MEM.TRACK", "MEM.PAGE.REMOVE 200", "PHYMEM.PAGE.WBINVD")) {
      if (line.startsWith(SeamTrace.name(leaf))) {
        expected.add(line + " OPERAND_BUSY");
      }
      expected.add(line);
    }
    assertThat(sequence()).isEqualTo(expected);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(TdhMem.RANGE_BLOCK, StatusCode.OPERAND_BUSY, 2),
        Arguments.of(TdhMem.TRACK, StatusCode.OPERAND_BUSY, 2),
        Arguments.of(TdhMem.PAGE_REMOVE, StatusCode.OPERAND_BUSY, 2),
        Arguments.of(TdhMem.RANGE_BLOCK, StatusCode.EPT_WALK_FAILED, 1),
        Arguments.of(TdhMem.TRACK, StatusCode.OP_STATE_INCORRECT, 1),
        Arguments.of(TdhMem.PAGE_REMOVE, StatusCode.TLB_TRACKING_NOT_DONE, 1),
        Arguments.of(TdhPhymem.PAGE_WBINVD, StatusCode.OPERAND_INVALID, 1));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aLeafThatStaysRefusedKillsTheVmAndLeaksNothing(Leaf leaf, StatusCode code, int times) {
    TestTd td = mapped(2);
    trace.answer(leaf, code, times);

    assertThat(td.attributes(GPA, 0x2000, 0)).isEqualTo(-EIO);

    assertThat(sequence().getLast())
        .as("nothing comes after it")
        .contains(SeamTrace.name(leaf) + " ", code + "");
    assertThat(sequence().stream().filter(c -> c.endsWith(code.name()))).hasSize(times);
    assertThat(machine.host.kernelLog())
        .anyMatch(line -> line.contains(leaf.abiName() + " failed: TDX_" + code));
  }

  @Test
  void aDeadVmAnswersEioToEverythingAndCanBeClosed() {
    TestTd td = mapped(1);
    trace.answer(TdhMem.RANGE_BLOCK, StatusCode.OPERAND_BUSY, 2);
    assertThat(td.attributes(GPA, 0x1000, 0)).isEqualTo(-EIO);
    watch();

    assertThat(td.vcpu.run()).isEqualTo(-EIO);
    assertThat(td.attributes(GPA, 0x1000, PRIVATE)).isEqualTo(-EIO);
    assertThat(td.vm.checkExtension(0)).isEqualTo(-EIO);
    assertThat(td.vm.createVcpu(1)).isEqualTo(-EIO);
    assertThat(td.slot(0, 0, 0, td.ramUaddr, td.ram)).isEqualTo(-EIO);
    assertThat(td.finalizeTd()).isEqualTo(-EIO);
    assertThat(td.vcpu.preFaultMemory(new KvmPreFaultMemory().gpa(GPA).size(4096))).isEqualTo(-EIO);
    assertThat(td.ram.fallocate(PUNCH_HOLE, 0, 0x1000)).as("its file is no VM").isZero();
    assertThat(sequence()).as("no SEAMCALL for it").isEmpty();
    td.process.exit();
    assertThat(trace.calls()).as("reclaimed").isNotEmpty();
  }

  @Test
  void aVcpuInTheGuestLeavesADyingVm() throws Exception {
    ConvertingTd td =
        new ConvertingTd(
            machine,
            new ConvertingGuest.Shape(1, 0x4000, 0x4000, Integer.MAX_VALUE),
            ConvertingTd.Mode.COUNT,
            false);
    FutureTask<Integer> running = new FutureTask<>(() -> td.vcpus.getFirst().run());
    new Thread(running, "vCPU 0").start();
    while (td.count(0, 0) < 10 && !running.isDone()) {
      Thread.onSpinWait();
    }
    trace.answer(TdhMem.RANGE_BLOCK, StatusCode.EPT_WALK_FAILED, 1);

    assertThat(td.attributes(ConvertingTd.SPARE, 0x1000, 0)).isEqualTo(-EIO);

    assertThat(running.get()).isEqualTo(-EIO).isNotEqualTo(-EINTR);
  }

  // ---- teardown ----

  /** All orders of VM, vCPU, and the files of RAM and ROM. */
  static Stream<List<Integer>> orders() {
    List<List<Integer>> all = new ArrayList<>(List.of(List.of()));
    for (int item = 0; item < 4; item++) {
      List<List<Integer>> longer = new ArrayList<>();
      for (List<Integer> each : all) {
        for (int at = 0; at <= each.size(); at++) {
          List<Integer> next = new ArrayList<>(each);
          next.add(at, item);
          longer.add(next);
        }
      }
      all = longer;
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("orders")
  void filesCloseInAnyOrder(List<Integer> order) {
    TestTd td = mapped(2);
    int rom = td.ram.fd() + 1;
    int[] files = {td.vm.fd(), td.vcpu.fd(), td.ram.fd(), rom};
    assertThat(td.process.guestMemfd(rom)).isPresent();
    trace.watch(
        TdhMem.RANGE_BLOCK,
        TdhMem.TRACK,
        TdhMem.PAGE_REMOVE,
        TdhVp.FLUSH,
        TdhMng.VPFLUSHDONE,
        TdhPhymem.CACHE_WB,
        TdhMng.KEY_FREEID,
        TdhPhymem.PAGE_RECLAIM);

    for (int file : order) {
      assertThat(machine.host.outstandingKeyIds()).as("until the last one").isEqualTo(1);
      assertThat(td.process.close(files[file])).isZero();
    }

    assertThat(machine.host.outstandingKeyIds()).isZero();
    List<Leaf> calls = trace.calls().stream().map(SeamTrace.Call::leaf).toList();
    assertThat(trace.calls()).allMatch(call -> call.status().isSuccess());
    List<Leaf> retire =
        List.of(TdhVp.FLUSH, TdhMng.VPFLUSHDONE, TdhPhymem.CACHE_WB, TdhMng.KEY_FREEID);
    assertThat(calls).containsSubsequence(retire);
    int freed = calls.indexOf(TdhMng.KEY_FREEID);
    assertThat(calls.subList(0, freed)).doesNotContain(TdhPhymem.PAGE_RECLAIM);
    assertThat(calls.subList(freed + 1, calls.size())).containsOnly(TdhPhymem.PAGE_RECLAIM);
    boolean ramWhileRunnable = order.indexOf(2) < Math.max(order.indexOf(0), order.indexOf(1));
    boolean romWhileRunnable = order.indexOf(3) < Math.max(order.indexOf(0), order.indexOf(1));
    long removed = calls.stream().filter(TdhMem.PAGE_REMOVE::equals).count();
    assertThat(removed).isEqualTo((ramWhileRunnable ? 18 : 0) + (romWhileRunnable ? 1 : 0));
  }
}
