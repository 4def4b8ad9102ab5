package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.TestTd.ACCEPT;
import static org.swtdx.kvm.TestTd.LOAD;
import static org.swtdx.kvm.TestTd.TOUCH;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.TdhMem;
import org.swtdx.seamcall.TdhPhymem;

/** {@link KvmExtension#LARGE_PRIVATE_PAGES}. */
class LargePagesTest {
  private static final long LARGE = 0x20_0000;
  private static final long AT_2M = 1;
  private static final long PRIVATE = KvmMemoryAttributes.PRIVATE;
  private static final long SEPT_VE_DISABLE = 1L << 28;
  private static final long SIZE_MISMATCH = 0xc000_0b0bL;
  private static final int PUNCH_HOLE = 3;

  private final MemoryTrace trace = new MemoryTrace();

  @AutoClose
  private final TestHost machine =
      new TestHost(trace::wrap, Set.of(KvmExtension.LARGE_PRIVATE_PAGES));

  private TestTd td() {
    return TestTd.withVcpu(machine, SEPT_VE_DISABLE);
  }

  private TestTd start(TestTd td) {
    td.start();
    trace.take();
    return td;
  }

  private static int preFault(TestTd td, long gpa, long size) {
    return td.vcpu.preFaultMemory(new KvmPreFaultMemory().gpa(gpa).size(size));
  }

  @Test
  void whatTheGuestAcceptsIn2MibIsOnePage() {
    TestTd td = start(td().call(0, ACCEPT, LARGE | AT_2M).call(0, TOUCH, LARGE + 0x5008, 77));

    assertThat(td.nextReport()[0]).isZero();
    assertThat(trace.take()).containsExactly("MEM.PAGE.AUG 200000/1");
    assertThat(td.nextReport()[1]).isEqualTo(77);
    MirrorCheck check = new MirrorCheck(td);
    assertThat(check.mirror().largeLeaves()).isOne();
    assertThat(check.mirror().lookup(0x205)).isEqualTo(check.mirror().lookupLarge(0x200) + 0x5000);
    check.agreeUpTo(TestTd.RAM);
  }

  @Test
  void whatTheGuestAcceptsIn4KibIsASmallPage() {
    TestTd td = start(td().call(0, ACCEPT, LARGE + 0x3000).call(0, ACCEPT, LARGE | AT_2M));

    assertThat(td.nextReport()[0]).isZero();
    assertThat(trace.take()).containsExactly("MEM.SEPT.ADD 200000/1", "MEM.PAGE.AUG 203000/0");
    assertThat(td.nextReport()[0] >>> 32).as("TDX_PAGE_SIZE_MISMATCH").isEqualTo(SIZE_MISMATCH);
    new MirrorCheck(td).agreeUpTo(TestTd.RAM);
  }

  @Test
  void aLargePageIsSplitWhenTheGuestAcceptsASmallOne() {
    TestTd td =
        start(
            td().call(0, ACCEPT, LARGE + 0x1000)
                .call(0, ACCEPT, LARGE + 0x2000)
                .call(0, ACCEPT, LARGE | AT_2M));
    long framesBefore = machine.host.outstandingFrames();

    assertThat(preFault(td, LARGE + 0x7000, 0x1000)).isZero();
    assertThat(trace.take()).containsExactly("MEM.PAGE.AUG 200000/1");
    assertThat(machine.host.outstandingFrames() - framesBefore).isEqualTo(512);
    assertThat(td.nextReport()[0]).isZero();
    assertThat(trace.take())
        .containsExactly("MEM.RANGE.BLOCK 200000/1", "MEM.TRACK", "MEM.PAGE.DEMOTE 200000/1");
    assertThat(machine.host.outstandingFrames() - framesBefore).isEqualTo(513);
    assertThat(td.nextReport()[0]).isZero();
    assertThat(trace.take()).as("it is pending already").isEmpty();
    assertThat(td.nextReport()[0] >>> 32).isEqualTo(SIZE_MISMATCH);
    MirrorCheck check = new MirrorCheck(td);
    assertThat(check.mirror().largeLeaves()).isZero();
    check.agreeUpTo(TestTd.RAM);
  }

  @Test
  void aPartThatBecomesSharedIsSplitOffAndTheRestKeepsItsBytes() {
    TestTd td =
        start(
            td().call(0, ACCEPT, LARGE | AT_2M)
                .call(0, TOUCH, LARGE + 0x3ff8, 11)
                .call(0, TOUCH, LARGE + 0x6000, 22)
                .call(0, 30, 1, 1, 0x80, 0)
                .call(0, ACCEPT, LARGE + 0x4000)
                .call(0, 30, 1, 1, 0x80, 0)
                .call(0, TOUCH, LARGE + 0x4000, 33));
    for (int i = 0; i < 3; i++) {
      td.nextReport();
    }
    td.exit(KvmExit.IO);
    trace.take();

    assertThat(td.attributes(LARGE + 0x4000, 0x2000, 0)).isZero();
    assertThat(trace.take())
        .containsExactly(
            "MEM.RANGE.BLOCK 200000/1",
            "MEM.TRACK",
            "MEM.PAGE.DEMOTE 200000/1",
            "MEM.RANGE.BLOCK 204000/0",
            "MEM.RANGE.BLOCK 205000/0",
            "MEM.TRACK",
            "MEM.PAGE.REMOVE 204000/0",
            "MEM.PAGE.REMOVE 205000/0");
    MirrorCheck check = new MirrorCheck(td);
    check.agreeUpTo(TestTd.RAM);
    assertThat(check.mirror().lookup(0x204)).isEqualTo(MirrorTable.NONE);
    assertThat(td.attributes(LARGE + 0x4000, 0x2000, PRIVATE)).isZero();
    td.nextReport();
    assertThat(td.nextReport()[0]).as("accepts what came back").isZero();
    assertThat(trace.take()).containsExactly("MEM.PAGE.AUG 204000/0");
    td.exit(KvmExit.IO);
    td.nextReport();
    assertThat(td.nextReport()[1]).isEqualTo(33);
    check.agreeUpTo(TestTd.RAM);
  }

  @Test
  void splitPagesKeepTheirContents() {
    TestTd td =
        start(
            td().call(0, ACCEPT, LARGE | AT_2M)
                .call(0, TOUCH, LARGE + 0x1000, 41)
                .call(0, TOUCH, LARGE + LARGE - 8, 42)
                .call(0, 30, 1, 1, 0x80, 0)
                .call(0, LOAD, LARGE + 0x1000)
                .call(0, LOAD, LARGE + LARGE - 8));
    for (int i = 0; i < 3; i++) {
      td.nextReport();
    }
    td.exit(KvmExit.IO);

    assertThat(td.attributes(LARGE + 0x10_0000, 0x1000, 0)).isZero();
    td.nextReport();

    assertThat(td.nextReport()[1]).isEqualTo(41);
    assertThat(td.nextReport()[1]).isEqualTo(42);
  }

  @Test
  void aWholeLargePageIsConvertedInOnePiece() {
    TestTd td = start(td().call(0, ACCEPT, LARGE | AT_2M).call(0, ACCEPT, LARGE | AT_2M));
    assertThat(td.nextReport()[0]).isZero();
    trace.take();
    trace.count(TdhPhymem.PAGE_WBINVD);

    assertThat(td.attributes(LARGE, LARGE, 0)).isZero();
    assertThat(trace.take())
        .containsExactly("MEM.RANGE.BLOCK 200000/1", "MEM.TRACK", "MEM.PAGE.REMOVE 200000/1");
    assertThat(trace.count(TdhPhymem.PAGE_WBINVD)).isEqualTo(512);
    assertThat(td.attributes(LARGE, LARGE, PRIVATE)).isZero();
    assertThat(td.nextReport()[0]).isZero();
    assertThat(trace.take()).containsExactly("MEM.PAGE.AUG 200000/1");
    new MirrorCheck(td).agreeUpTo(TestTd.RAM);
  }

  @Test
  void aHoleSplitsAndFreesWhatItCovers() {
    TestTd td = start(td().call(0, ACCEPT, LARGE | AT_2M));
    td.nextReport();
    long resident = td.ram.residentBytes();
    assertThat(resident).as("2 MiB for the initial pages, too").isEqualTo(2 * LARGE);

    assertThat(td.ram.fallocate(PUNCH_HOLE, LARGE + 0x8000, 0x3000)).isZero();
    assertThat(td.ram.residentBytes()).isEqualTo(resident - 0x3000);
    assertThat(trace.take()).contains("MEM.PAGE.DEMOTE 200000/1", "MEM.PAGE.REMOVE 20a000/0");
    new MirrorCheck(td).agreeUpTo(TestTd.RAM);
    assertThat(td.ram.fallocate(PUNCH_HOLE, LARGE, LARGE)).isZero();
    assertThat(td.ram.residentBytes()).isEqualTo(resident - LARGE);
    assertThat(td.ram.fallocate(1, LARGE + 0x1000, 0x1000)).isZero();
    assertThat(td.ram.residentBytes()).as("in one piece again").isEqualTo(resident);
    assertThat(preFault(td, LARGE, LARGE)).isZero();
    assertThat(trace.take()).as("its table stays").contains("MEM.PAGE.AUG 200000/0");
    new MirrorCheck(td).agreeUpTo(TestTd.RAM);
  }

  @Test
  void pagesAreSmallWhereSlotFileOrAttributesDoNotAllowMore() {
    TestTd td = td();
    GuestMemfd file = td.file(4 * LARGE);
    long uaddr = td.memory.mmap(4 * LARGE);
    assertThat(td.slot(2, 0x1000_0000, LARGE - 0x1000, uaddr, file)).isZero();
    assertThat(
            td.vm.setUserMemoryRegion2(
                new KvmUserspaceMemoryRegion2()
                    .slot(3)
                    .flags(KvmUserspaceMemoryRegion2.GUEST_MEMFD)
                    .guestPhysAddr(0x2000_0000)
                    .memorySize(LARGE)
                    .userspaceAddr(uaddr)
                    .guestMemfd(file.fd())
                    .guestMemfdOffset(LARGE + 0x1000)))
        .isZero();
    assertThat(td.attributes(0x1000_0000, LARGE, PRIVATE)).isZero();
    assertThat(td.attributes(0x2000_0000, LARGE, PRIVATE)).isZero();
    assertThat(td.attributes(LARGE + 0x7000, 0x1000, 0)).isZero();
    start(td);

    assertThat(preFault(td, 0x1000_0000, 0x1000)).as("slot shorter than 2 MiB").isZero();
    assertThat(preFault(td, 0x2000_0000, 0x1000)).as("file offset not aligned").isZero();
    assertThat(preFault(td, LARGE, 0x1000)).as("a shared page inside").isZero();

    assertThat(trace.take())
        .contains("MEM.PAGE.AUG 10000000/0", "MEM.PAGE.AUG 20000000/0", "MEM.PAGE.AUG 200000/0")
        .noneMatch(call -> call.startsWith("MEM.PAGE.AUG") && call.endsWith("/1"));
  }

  @Test
  void pagesAreSmallWhenTheHostHasNo2MibInOnePiece() {
    TestTd td = start(td());
    List<Hpa> taken = new ArrayList<>();
    var frames = machine.memory.frames();
    for (Optional<Hpa> piece = frames.allocateContiguous(512, LARGE);
        piece.isPresent();
        piece = frames.allocateContiguous(512, LARGE)) {
      frames.freeContiguous(piece.get().plus(0x1000), 1);
      taken.add(piece.get());
    }

    assertThat(preFault(td, LARGE, 0x2000)).isZero();

    assertThat(trace.take()).contains("MEM.PAGE.AUG 200000/0", "MEM.PAGE.AUG 201000/0");
    assertThat(td.ram.residentBytes()).isEqualTo(LARGE + 0x2000);
    td.process.exit();
    for (Hpa piece : taken) {
      frames.freeContiguous(piece, 1);
      frames.freeContiguous(piece.plus(0x2000), 510);
    }
  }

  @Test
  void withoutMemoryForTheTableNothingIsSplitAndNothingChanges() {
    TestTd td = start(td().call(0, ACCEPT, LARGE | AT_2M).call(0, TOUCH, LARGE + 0x1000, 5));
    td.nextReport();
    trace.take();
    var frames = machine.memory.frames();
    List<Hpa> large = new ArrayList<>();
    for (var piece = frames.allocateContiguous(512, 4096);
        piece.isPresent();
        piece = frames.allocateContiguous(512, 4096)) {
      large.add(piece.get());
    }
    List<Hpa> small = new ArrayList<>();
    for (var frame = frames.allocate(); frame.isPresent(); frame = frames.allocate()) {
      small.add(frame.get());
    }

    assertThat(td.attributes(LARGE + 0x1000, 0x1000, 0)).isEqualTo(-Errno.ENOMEM);
    assertThat(td.ram.fallocate(PUNCH_HOLE, LARGE + 0x1000, 0x1000)).isEqualTo(-Errno.ENOMEM);

    assertThat(trace.take()).isEmpty();
    large.forEach(piece -> frames.freeContiguous(piece, 512));
    small.forEach(frames::free);
    assertThat(td.nextReport()[1]).as("private still").isEqualTo(5);
    assertThat(td.attributes(LARGE + 0x1000, 0x1000, 0)).isZero();
  }

  @Test
  void anInterruptedDemotionStartsAgainAndABusyOneIsRepeatedWithAllVcpusOut() {
    TestTd td = start(td().call(0, ACCEPT, LARGE + 0x1000).call(0, ACCEPT, LARGE + 0x2000));
    assertThat(preFault(td, LARGE, 0x1000)).isZero();
    trace.take();
    trace.refuse(TdhMem.PAGE_DEMOTE, 0x8000_0004_0000_0000L, 3);

    assertThat(td.nextReport()[0]).isZero();
    assertThat(trace.take()).filteredOn(call -> call.startsWith("MEM.PAGE.DEMOTE")).hasSize(4);
    assertThat(td.attributes(LARGE, LARGE, 0)).isZero();
    td.process.exit();

    TestTd other = start(td().call(0, ACCEPT, LARGE + 0x1000));
    assertThat(preFault(other, LARGE, 0x1000)).isZero();
    trace.refuse(TdhMem.PAGE_DEMOTE, 0x8000_0200_0000_0001L, 1);
    assertThat(other.nextReport()[0]).isZero();
    assertThat(trace.take()).filteredOn(call -> call.startsWith("MEM.PAGE.DEMOTE")).hasSize(2);
    new MirrorCheck(other).agreeUpTo(TestTd.RAM);
    other.process.exit();
  }

  @Test
  void aLargePageIsReclaimedByOneCallAndAnyOrderOfClosingGivesAllBack() {
    for (boolean fileFirst : new boolean[] {true, false}) {
      TestTd td = start(td().call(0, ACCEPT, LARGE | AT_2M));
      td.nextReport();
      trace.count(TdhPhymem.PAGE_RECLAIM);
      int file = td.ram.fd();
      if (fileFirst) {
        td.process.close(file);
        assertThat(trace.take()).contains("MEM.PAGE.REMOVE 200000/1");
      }
      td.process.exit();
      int control = 1 + 6 + 6 + 5;
      int rom = 1;
      int mapped = fileFirst ? 0 : 16 + 1;
      assertThat(trace.count(TdhPhymem.PAGE_RECLAIM)).isEqualTo(control + rom + mapped);
      assertThat(machine.host.outstandingFrames()).isZero();
    }
  }

  /** Random accepting, converting and punching: after each step the mirror is the Secure EPT. */
  @Test
  @Timeout(60)
  void theMirrorIsTheSecureEptWhateverHappens() {
    SplittableRandom random = new SplittableRandom(23);
    for (int round = 0; round < 3; round++) {
      TestTd td = td();
      int steps = 24;
      for (int i = 0; i < steps; i++) {
        boolean small = random.nextInt(3) > 0;
        long gpa = small ? LARGE + 0x1000L * random.nextInt(512) : LARGE | AT_2M;
        td.call(0, 30, 1, 1, 0x80, 0).call(0, ACCEPT, gpa);
      }
      start(td);
      MirrorCheck check = new MirrorCheck(td);
      for (int i = 0; i < steps; i++) {
        td.exit(KvmExit.IO);
        td.nextReport();
        td.nextReport();
        long gpa = LARGE + 0x1000L * random.nextInt(512);
        long size = Math.min(0x1000L * random.nextInt(1, 600), 2 * LARGE - gpa);
        int result =
            switch (random.nextInt(4)) {
              case 0 -> td.attributes(gpa, size, 0);
              case 1 -> td.ram.fallocate(PUNCH_HOLE, gpa, size);
              case 2 -> preFault(td, LARGE, 0x1000);
              default -> td.attributes(LARGE, LARGE, 0);
            };
        assertThat(result).isZero();
        check.agreeUpTo(TestTd.RAM);
        assertThat(td.attributes(LARGE, LARGE, PRIVATE)).isZero();
      }
      td.process.exit();
    }
  }

  /** Two vCPUs work in a large page while user space takes other parts of it away. */
  @Test
  @Timeout(60)
  void runningVcpusLoseNothingWhileTheirPageIsSplit() throws Exception {
    TestTd td = td().call(0, ACCEPT, LARGE | AT_2M);
    int touches = 40;
    for (int i = 0; i < touches; i++) {
      td.call(0, TOUCH, LARGE + 0x1000, i).call(0, LOAD, LARGE + 0x1000);
      td.callOf(1, 0, TOUCH, LARGE + 0x3000, 1000 + i).callOf(1, 0, LOAD, LARGE + 0x3000);
    }
    KvmVcpu second = td.addVcpu(1);
    start(td);
    assertThat(td.nextReport()[0]).isZero();
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(3);
    FutureTask<List<Integer>> converter =
        new FutureTask<>(
            () -> {
              List<Integer> results = new ArrayList<>();
              for (int page = 2; page < 512 && !done.get(); page += 3) {
                results.add(td.attributes(LARGE + 0x1000L * page, 0x1000, 0));
                begun.countDown();
              }
              return results;
            });
    FutureTask<Void> other =
        new FutureTask<>(() -> touchAndLoad(second, touches, 1000, begun), null);
    Thread.ofPlatform().start(converter);
    Thread.ofPlatform().start(other);
    touchAndLoad(td.vcpu, touches, 0, begun);
    other.get();
    done.set(true);

    assertThat(converter.get()).hasSizeGreaterThanOrEqualTo(3).containsOnly(0);
    MirrorCheck check = new MirrorCheck(td);
    check.agreeUpTo(TestTd.RAM);
    assertThat(check.mirror().lookup(0x202)).isEqualTo(MirrorTable.NONE);
  }

  /** What a vCPU stores is what it then loads; half of it after the first conversions. */
  private static void touchAndLoad(KvmVcpu vcpu, int touches, int first, CountDownLatch begun) {
    for (int i = 0; i < touches; i++) {
      while (i == touches / 2 && begun.getCount() > 0) {
        Thread.onSpinWait();
      }
      assertThat(TestTd.nextReport(vcpu)[1]).isEqualTo(first + i);
      assertThat(TestTd.nextReport(vcpu)[1]).isEqualTo(first + i);
    }
  }
}
