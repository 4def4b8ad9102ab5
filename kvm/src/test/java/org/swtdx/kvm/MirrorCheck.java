package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.swtdx.seamcall.SeptLevel;
import org.swtdx.seamcall.SeptReply;
import org.swtdx.seamcall.TdhMem;

/** Compares a TD's mirror table with the Secure EPT, entry by entry, by TDH.MEM.SEPT.RD. */
final class MirrorCheck {
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
  private static final int FREE = 0;
  private static final int TABLE = 0x84;

  private final TdxVm vm;
  private final TdhMem mem;

  MirrorCheck(TestTd td) {
    vm = (TdxVm) ((VmFile) td.process.file(td.vm.fd())).vm();
    mem = vm.tdx().mem();
  }

  MirrorTable mirror() {
    return vm.privateMemory().mirror();
  }

  /** Asserts that both agree about guest addresses up to {@code end}. */
  void agreeUpTo(long end) {
    for (long gpa = 0; gpa < end; gpa += SeptLevel.SIZE_2M.size()) {
      SeptReply entry = read(gpa, SeptLevel.SIZE_2M);
      long large = mirror().lookupLarge(gpa >>> 12);
      boolean reached = entry.status().isSuccess();
      boolean table = reached && entry.state() == TABLE;
      if (large != MirrorTable.NONE) {
        assertThat(table).isFalse();
        compare(gpa, large, entry);
      } else if (table) {
        smallPages(gpa);
      } else {
        assertThat(reached ? entry.state() : FREE).as("entry for 0x%x", gpa).isEqualTo(FREE);
        for (int i = 0; i < 512; i++) {
          assertThat(mirror().lookup((gpa >>> 12) + i)).isEqualTo(MirrorTable.NONE);
        }
      }
    }
  }

  private void smallPages(long from) {
    for (long gpa = from; gpa < from + SeptLevel.SIZE_2M.size(); gpa += 4096) {
      compare(gpa, mirror().lookup(gpa >>> 12), read(gpa, SeptLevel.SIZE_4K));
    }
  }

  private static void compare(long gpa, long hpa, SeptReply entry) {
    assertThat(entry.status().isSuccess()).as("0x%x: %s", gpa, entry.status()).isTrue();
    if (hpa == MirrorTable.NONE) {
      assertThat(entry.state()).as("state of 0x%x", gpa).isEqualTo(FREE);
    } else {
      assertThat(entry.state()).as("state of 0x%x", gpa).isIn(2, 4);
      assertThat(entry.entry() & ADDRESS).as("frame of 0x%x", gpa).isEqualTo(hpa);
    }
  }

  private SeptReply read(long gpa, SeptLevel level) {
    return vm.host().cpus().onAny(lp -> mem.septRead(lp, vm.td(), gpa, level));
  }
}
