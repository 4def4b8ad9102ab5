package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;

import java.util.Optional;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.SeptLevel;
import org.swtdx.seamcall.SeptPage;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdhMem;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.TdxTd;

/**
 * Private pages of 2 MiB, which Linux does not have: where they can be, and how they are split
 * (TDH.MEM.PAGE.DEMOTE). They are never put together again. Used under the VM's MMU lock.
 */
final class LargePages {
  private static final long PAGES = FrameTable.CHUNK;

  private final TdxVm vm;
  private final TdxTd td;
  private final TdxMemory memory;

  LargePages(TdxVm vm, TdxTd td, TdxMemory memory) {
    this.vm = vm;
    this.td = td;
    this.memory = memory;
  }

  /** The first guest frame of the 2 MiB that {@code gfn} is in. */
  static long base(long gfn) {
    return gfn & -PAGES;
  }

  /**
   * The 2 MiB of host memory that can be mapped around {@code gfn}, or {@link FrameTable#NONE}: all
   * of it is private, in one slot, and in one piece behind the slot.
   */
  long frame(MemSlot slot, long gfn) {
    long base = base(gfn);
    GuestMemfdFile file = slot.file();
    if (file == null) {
      return FrameTable.NONE;
    }
    boolean possible =
        vm.hasLargePages()
            && vm.runnable()
            && base >= slot.baseGfn()
            && base + PAGES <= slot.endGfn()
            && vm.attributes.all(base, base + PAGES, true);
    return possible ? file.frames().lookupLarge(slot.filePageOf(base)) : FrameTable.NONE;
  }

  /** Splits the large pages at the ends of a range that covers them in part: 0 or an error. */
  int splitAtEnds(LogicalProcessor lp, long from, long to) {
    int result = splitAround(lp, from);
    return result == 0 ? splitAround(lp, to) : result;
  }

  private int splitAround(LogicalProcessor lp, long gfn) {
    MirrorTable mirror = memory.mirror();
    boolean inside = gfn != base(gfn) && gfn < mirror.limit();
    return inside && mirror.lookupLarge(gfn) != MirrorTable.NONE ? split(lp, gfn) : 0;
  }

  /**
   * Splits the large page that {@code gfn} is in: block, track, have every vCPU leave the guest,
   * demote. The small pages keep their contents and whether they were accepted. 0 or an error.
   */
  int split(LogicalProcessor lp, long gfn) {
    long base = base(gfn);
    long gpa = base << 12;
    Optional<Hpa> frame = vm.frames().allocate();
    if (frame.isEmpty()) {
      return -ENOMEM;
    }
    SeptPage table = new SeptPage(frame.get());
    memory.check(
        TdhMem.RANGE_BLOCK,
        gpa,
        () -> vm.tdx().mem().rangeBlock(lp, td, gpa, SeptLevel.SIZE_2M).status());
    if (vm.runnable() && !vm.dead()) {
      memory.check(TdhMem.TRACK, gpa, () -> vm.tdx().mem().track(lp, td));
      vm.kickAll();
    }
    memory.check(TdhMem.PAGE_DEMOTE, gpa, () -> demote(lp, gpa, table));
    if (vm.dead()) {
      vm.frames().free(frame.get());
      return -EIO;
    }
    memory.mirror().split(base, table);
    return 0;
  }

  /** TDH.MEM.PAGE.DEMOTE, from the beginning each time that an interrupt stops it. */
  private TdxStatus demote(LogicalProcessor lp, long gpa, SeptPage table) {
    TdxStatus status;
    do {
      status = vm.tdx().mem().pageDemote(lp, td, gpa, SeptLevel.SIZE_2M, table).status();
    } while (status.is(StatusCode.INTERRUPTED_RESTARTABLE));
    return status;
  }
}
