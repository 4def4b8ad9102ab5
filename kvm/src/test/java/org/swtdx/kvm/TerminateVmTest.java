package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.TestTd.TOUCH;
import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EINTR;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOSPC;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.kvm.uapi.KvmExtensionAbi;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.seamcall.TdhMng;
import org.swtdx.seamcall.TdhPhymem;

/** {@link KvmExtension#TERMINATE_VM}. */
class TerminateVmTest {
  private static final int PUNCH_HOLE = 3;
  private static final long PAGES = 300;
  private static final int INITIAL = 16;

  private final MemoryTrace trace = new MemoryTrace();

  @AutoClose
  private final TestHost machine =
      new TestHost(1, 2, 2, trace::wrap, Set.of(KvmExtension.TERMINATE_VM));

  private static int terminate(TestTd td) {
    return terminate(td, KvmTdxCmd.of(KvmExtensionAbi.TERMINATE_VM, 0, 0));
  }

  private static int terminate(TestTd td, KvmTdxCmd cmd) {
    return td.vm.memoryEncryptOp(cmd, null);
  }

  /** A running TD with {@link #PAGES} more pages. */
  private TestTd running() {
    TestTd td = TestTd.withVcpu(machine, 0).call(0, 30, 1, 1, 0x80).start();
    KvmPreFaultMemory range = new KvmPreFaultMemory().gpa(0x10_0000).size(4096 * PAGES);
    assertThat(td.vcpu.preFaultMemory(range)).isZero();
    assertThat(td.vcpu.run()).isZero();
    return td;
  }

  @Test
  void capabilitiesSayThatItIsThere() {
    TestTd td = TestTd.bare(machine);
    KvmTdxCapabilities caps = KvmTdxCapabilities.withCapacity(64);
    assertThat(td.vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.CAPABILITIES, 0, 0), caps)).isZero();

    assertThat(caps.supportedCaps()).isEqualTo(KvmExtensionAbi.CAP_TERMINATE_VM);
    assertThat(td.vm.checkExtension(KvmExtensionAbi.EXTENSIONS))
        .isEqualTo(KvmExtensionAbi.TERMINATE);
  }

  @Test
  void flagsDataAndHardwareErrorMustBeZero() {
    TestTd td = running();

    assertThat(terminate(td, KvmTdxCmd.of(KvmExtensionAbi.TERMINATE_VM, 1, 0))).isEqualTo(-EINVAL);
    assertThat(terminate(td, KvmTdxCmd.of(KvmExtensionAbi.TERMINATE_VM, 0, 1))).isEqualTo(-EINVAL);
    assertThat(terminate(td, new KvmTdxCmd().id(KvmExtensionAbi.TERMINATE_VM).hwError(1)))
        .isEqualTo(-EINVAL);
    assertThat(td.vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmExtensionAbi.TERMINATE_VM, 0, 0), null))
        .as("a VM's")
        .isEqualTo(-EINVAL);
    assertThat(td.vcpu.run()).as("nothing happened").isZero();
  }

  @Test
  void everyIoctlOfVmAndVcpuAnswersEioAfterwards() throws IllegalAccessException {
    TestTd td = running();
    long page = td.memory.mmap(0x10000);

    assertThat(terminate(td)).isZero();

    for (Field field : KvmIoctl.class.getFields()) {
      for (int fd : new int[] {td.vm.fd(), td.vcpu.fd()}) {
        assertThat(td.process.ioctl(fd, field.getInt(null), page))
            .as("%s on descriptor %d", field.getName(), fd)
            .isEqualTo(-EIO);
      }
    }
    assertThat(terminate(td)).as("again").isEqualTo(-EIO);
    assertThat(td.ram.residentBytes()).as("the file is as it was").isPositive();
  }

  @Test
  void theKeyIdIsFreeWhileTheFilesAreOpen() {
    TestTd first = running();
    TestTd second = TestTd.bare(machine);
    assertThat(second.splitIrqchip()).isZero();
    assertThat(second.initVm(TestTd.initVm())).isEqualTo(-ENOSPC);

    assertThat(terminate(first)).isZero();

    assertThat(machine.host.outstandingKeyIds()).isZero();
    assertThat(second.initVm(TestTd.initVm())).isZero();
    second.process.exit();
    first.process.exit();
  }

  @Test
  void aTdInAnyStateCanBeTerminated() {
    for (int state = 0; state < 4; state++) {
      TestTd td =
          switch (state) {
            case 0 -> TestTd.bare(machine);
            case 1 -> TestTd.initialized(machine, 0);
            case 2 -> TestTd.withVcpu(machine, 0);
            default -> running();
          };
      assertThat(terminate(td)).as("state %d", state).isZero();
    }
  }

  /** The drafts do not wait for a vCPU; the caller tries again. */
  @Test
  @Timeout(60)
  void aVcpuInKvmRunMakesItBusy() throws InterruptedException {
    TestTd td = TestTd.withVcpu(machine, 0).call(0, 12, 0).start();
    int[] result = {0};
    Thread vcpu = Thread.ofPlatform().start(() -> result[0] = td.vcpu.run());
    Vcpu halted = ((VcpuFile) td.process.file(td.vcpu.fd())).vcpu();
    while (!halted.mutex.isLocked()) {
      Thread.onSpinWait();
    }

    assertThat(terminate(td)).isEqualTo(-EBUSY);

    td.vcpu.kick();
    vcpu.join();
    assertThat(result[0]).isEqualTo(-EINTR);
    assertThat(terminate(td)).isZero();
  }

  @Test
  void pagesAreReclaimedByOneCallEachWhenTheFileIsPunchedOrClosed() {
    TestTd td = running();
    assertThat(terminate(td)).isZero();
    trace.take();
    trace.count(TdhPhymem.PAGE_RECLAIM);

    assertThat(td.ram.fallocate(PUNCH_HOLE, 0x10_0000, 0x8000)).isZero();
    assertThat(trace.count(TdhPhymem.PAGE_RECLAIM)).isEqualTo(8);
    assertThat(td.ram.residentBytes()).isEqualTo((INITIAL + PAGES - 8) * 4096);
    int fd = td.ram.fd();
    assertThat(td.process.close(fd)).isZero();
    assertThat(trace.count(TdhPhymem.PAGE_RECLAIM)).isEqualTo(INITIAL + (int) PAGES - 8);
    assertThat(trace.take()).as("no BLOCK, TRACK or REMOVE").isEmpty();
  }

  @Test
  void fileFirstTeardownNeedsAThirdOfTheCalls() {
    TestTd slow = running();
    trace.total();
    slow.process.close(slow.ram.fd());
    int withoutTerminating = trace.total();
    slow.process.exit();

    TestTd fast = running();
    trace.total();
    assertThat(terminate(fast)).isZero();
    int terminating = trace.total();
    fast.process.close(fast.ram.fd());
    int afterTerminating = trace.total();
    fast.process.exit();

    assertThat(withoutTerminating).as("block, remove, write back; tracked once").isEqualTo(949);
    assertThat(terminating).as("VP.FLUSH, VPFLUSHDONE, CACHE.WB, KEY.FREEID").isEqualTo(4);
    assertThat(afterTerminating).isEqualTo(INITIAL + (int) PAGES);
  }

  @Test
  void filesCanBeClosedInAnyOrder() {
    List<int[]> orders = new ArrayList<>();
    permute(new int[] {0, 1, 2, 3}, 0, orders);
    assertThat(orders).hasSize(24);
    for (int[] order : orders) {
      TestTd td = TestTd.withVcpu(machine, 0).start();
      int rom = td.ram.fd() + 1;
      assertThat(td.process.file(rom)).isInstanceOf(GuestMemfdFile.class);
      assertThat(terminate(td)).isZero();
      int[] files = {td.vm.fd(), td.vcpu.fd(), td.ram.fd(), rom};
      for (int which : order) {
        assertThat(td.process.close(files[which])).isZero();
      }
      td.process.exit();
      machine.everythingIsGivenBack();
    }
  }

  private static void permute(int[] items, int from, List<int[]> target) {
    if (from == items.length) {
      target.add(items.clone());
      return;
    }
    for (int i = from; i < items.length; i++) {
      swap(items, from, i);
      permute(items, from + 1, target);
      swap(items, from, i);
    }
  }

  private static void swap(int[] items, int a, int b) {
    int kept = items[a];
    items[a] = items[b];
    items[b] = kept;
  }

  @Test
  void whatTheModuleDoesNotGiveBackIsNeverUsedAgain() {
    TestTd td = TestTd.withVcpu(machine, 0).call(0, TOUCH, 0x10_0000).start();
    trace.refuse(TdhMng.VPFLUSHDONE, 0x8000_0824_0000_0000L, 1);
    machine.leaks();

    assertThat(terminate(td)).isEqualTo(-EIO);

    long frames = machine.host.outstandingFrames();
    assertThat(td.ram.fallocate(PUNCH_HOLE, 0, TestTd.RAM)).isZero();
    assertThat(machine.host.outstandingFrames()).isEqualTo(frames);
    td.process.exit();
    assertThat(machine.host.outstandingKeyIds()).isOne();
    assertThat(machine.host.outstandingFrames()).as("TDR to guest pages").isEqualTo(13 + 5 + 17);
  }

  @Test
  void aPageThatCannotBeReclaimedStaysOutOfUse() {
    TestTd td = running();
    assertThat(terminate(td)).isZero();
    trace.refuse(TdhPhymem.PAGE_RECLAIM, 0xc000_0300_0000_0001L, 1);
    machine.leaks();

    assertThat(td.ram.fallocate(PUNCH_HOLE, 0x10_0000, 0x8000)).isZero();

    assertThat(td.ram.residentBytes()).isEqualTo((INITIAL + PAGES) * 4096);
    td.process.exit();
    assertThat(machine.host.outstandingFrames()).isGreaterThanOrEqualTo(INITIAL + PAGES);
    assertThat(machine.host.kernelLog()).anyMatch(line -> line.contains("leaking the TD"));
  }
}
