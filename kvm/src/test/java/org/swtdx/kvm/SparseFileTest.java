package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmVmType;

/** Private files of exabytes with a few pages in them. */
class SparseFileTest {
  private static final long HUGE = Long.MAX_VALUE & -4096;
  private static final int KEEP_SIZE = 1, PUNCH_HOLE = 2;

  @Test
  void aFileCostsWhatIsInIt() {
    try (TestHost machine = new TestHost()) {
      VmmProcess process = machine.newProcess();
      KvmVm vm = process.vm(process.openKvm().createVm(KvmVmType.SW_PROTECTED)).orElseThrow();
      int fd = vm.createGuestMemfd(new KvmCreateGuestMemfd().size(HUGE));
      GuestMemfd file = process.guestMemfd(fd).orElseThrow();

      assertThat(file.fallocate(KEEP_SIZE, 1L << 50, 8192)).isZero();
      assertThat(file.fallocate(KEEP_SIZE, HUGE - 4096, 4096)).isZero();
      assertThat(file.residentBytes()).isEqualTo(12288);
      assertThat(file.fallocate(KEEP_SIZE | PUNCH_HOLE, 0, (1L << 50) + 4096)).isZero();
      assertThat(file.residentBytes()).isEqualTo(8192);
    }
  }
}
