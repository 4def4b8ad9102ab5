package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmClearDirtyLog;
import org.swtdx.kvm.uapi.KvmDirtyLog;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.Struct;

/** The log of pages written, and how much of it there is in memory. */
class DirtyLogTest {
  private static final long LONGEST = (1L << 31) - 1;
  private static final int PAGES = 3 * 64 * DirtyLog.CHUNK - 60;

  @Test
  void theLogOfTheLongestSlotTakesNoMemoryUntilPagesAreWritten() {
    DirtyLog log = new DirtyLog(LONGEST, false);
    assertThat(log.allocated()).isZero();

    log.mark(LONGEST - 1);

    assertThat(log.allocated()).isEqualTo(DirtyLog.CHUNK);
    assertThat(log.word(log.length() - 1)).isEqualTo(1L << 62);
    assertThat(log.clear(log.length() - 1, -1)).isEqualTo(1L << 62);
    assertThat(log.word(log.length() - 1)).isZero();
    assertThat(log.clear(0, -1)).isZero();
    assertThat(log.allocated()).isEqualTo(DirtyLog.CHUNK);
  }

  @Test
  void aLogThatBeginsSetHasNoBitsBeyondItsEnd() {
    DirtyLog log = new DirtyLog(LONGEST, true);
    log.mark(5);
    assertThat(log.allocated()).isZero();
    assertThat(log.word(0)).isEqualTo(-1);
    assertThat(log.word(log.length() - 1)).isEqualTo(Long.MAX_VALUE);

    assertThat(log.clear(log.length() - 1, 3)).isEqualTo(3);

    assertThat(log.word(log.length() - 1)).isEqualTo(Long.MAX_VALUE - 3);
    assertThat(log.word(log.length() - 2)).isEqualTo(-1);
    log.mark(LONGEST - 63);
    assertThat(log.word(log.length() - 1)).isEqualTo(Long.MAX_VALUE - 2);
    assertThat(log.allocated()).isEqualTo(DirtyLog.CHUNK);
  }

  @Test
  void userSpaceReadsAndClearsALogOfSeveralParts() {
    TestHost machine = new TestHost();
    VmmProcess process = machine.newProcess();
    int fd = process.openKvm().createVm(0);
    KvmVm vm = process.vm(fd).orElseThrow();
    assertThat(vm.enableCap(KvmEnableCap.of(KvmCap.MANUAL_DIRTY_LOG_PROTECT2, 3))).isZero();
    long size = 4096L * PAGES;
    long ram = process.memory().mmap(size);
    long bitmap = process.memory().mmap(PAGES / 8 + 8);
    KvmUserspaceMemoryRegion region =
        new KvmUserspaceMemoryRegion().flags(1).memorySize(size).userspaceAddr(ram);
    assertThat(vm.setUserMemoryRegion(region)).isZero();
    int last = (PAGES - 1) / 64;
    KvmDirtyLog log = new KvmDirtyLog().dirtyBitmap(bitmap);

    assertThat(ioctl(process, fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
    assertThat(process.memory().load(bitmap + 8L * last, 8)).as("four pages").isEqualTo(15);
    int second = 8 * DirtyLog.CHUNK;
    process.memory().store(bitmap, 8, 1);
    process.memory().store(bitmap + second, 8, 2);
    KvmClearDirtyLog clear = new KvmClearDirtyLog().numPages(PAGES).dirtyBitmap(bitmap);
    assertThat(ioctl(process, fd, KvmIoctl.CLEAR_DIRTY_LOG, clear)).isZero();
    assertThat(ioctl(process, fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
    assertThat(process.memory().load(bitmap, 8)).isEqualTo(-2);
    assertThat(process.memory().load(bitmap + second, 8)).isEqualTo(-3);
    assertThat(process.memory().load(bitmap + second + 8, 8)).isZero();
    assertThat(process.memory().load(bitmap + 8L * last, 8)).isZero();

    // The last part of the bitmap is not mapped: nothing is cleared.
    clear.dirtyBitmap(bitmap + 0x2000);
    process.memory().store(bitmap + 0x2000, 8, -1);
    assertThat(ioctl(process, fd, KvmIoctl.CLEAR_DIRTY_LOG, clear)).isEqualTo(-Errno.EFAULT);
    assertThat(ioctl(process, fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
    assertThat(process.memory().load(bitmap, 8)).isEqualTo(-2);
    process.exit();
    machine.close();
  }

  private static int ioctl(VmmProcess process, int fd, int number, Struct struct) {
    long at = process.memory().mmap(4096);
    byte[] bytes = struct.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    process.memory().write(at, bytes, 0, bytes.length);
    return process.ioctl(fd, number, at);
  }
}
