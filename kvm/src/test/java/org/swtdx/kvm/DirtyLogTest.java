package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmClearDirtyLog;
import org.swtdx.kvm.uapi.KvmDirtyLog;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;

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
    try (OrdinaryVm guest = OrdinaryVm.withoutRam()) {
      guest.enable(KvmCap.MANUAL_DIRTY_LOG_PROTECT2, 3);
      long size = 4096L * PAGES;
      guest.slot(0, 0, size, guest.memory.mmap(size), KvmUserspaceMemoryRegion2.LOG_DIRTY_PAGES);
      int fd = guest.vm.fd();
      long bitmap = guest.memory.mmap(PAGES / 8 + 8);
      int last = (PAGES - 1) / 64;
      KvmDirtyLog log = new KvmDirtyLog().dirtyBitmap(bitmap);

      assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
      assertThat(guest.memory.load(bitmap + 8L * last, 8)).as("four pages").isEqualTo(15);
      int second = 8 * DirtyLog.CHUNK;
      guest.memory.store(bitmap, 8, 1);
      guest.memory.store(bitmap + second, 8, 2);
      KvmClearDirtyLog clear = new KvmClearDirtyLog().numPages(PAGES).dirtyBitmap(bitmap);
      assertThat(guest.ioctl(fd, KvmIoctl.CLEAR_DIRTY_LOG, clear)).isZero();
      assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
      assertThat(guest.memory.load(bitmap, 8)).isEqualTo(-2);
      assertThat(guest.memory.load(bitmap + second, 8)).isEqualTo(-3);
      assertThat(guest.memory.load(bitmap + second + 8, 8)).isZero();
      assertThat(guest.memory.load(bitmap + 8L * last, 8)).isZero();

      // The last part of the bitmap is not mapped: nothing is cleared.
      clear.dirtyBitmap(bitmap + 0x2000);
      guest.memory.store(bitmap + 0x2000, 8, -1);
      assertThat(guest.ioctl(fd, KvmIoctl.CLEAR_DIRTY_LOG, clear)).isEqualTo(-Errno.EFAULT);
      assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
      assertThat(guest.memory.load(bitmap, 8)).isEqualTo(-2);
    }
  }
}
