package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;

import java.util.Optional;
import java.util.function.Supplier;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.GuestPage;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.SeptLevel;
import org.swtdx.seamcall.SeptPage;
import org.swtdx.seamcall.SeptReply;
import org.swtdx.seamcall.TdhMem;
import org.swtdx.seamcall.TdhMng;
import org.swtdx.seamcall.TdhPhymem;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.TdxTd;

/**
 * The memory of a TD as KVM manages it: private pages through the mirror table and SEAMCALLs,
 * shared ones through the shared EPT. The caller holds a processor; methods take the VM's MMU lock.
 */
final class TdxMemory {
  private static final int BATCH = 512;
  private static final int EXTEND_BYTES = 256;

  private final TdxVm vm;
  private final TdhMem mem;
  private final TdxTd td;
  private final MirrorTable mirror;
  private final EptTables shared;
  private final long sharedBit;
  private final LargePages large;
  private final long[] batchGfn = new long[BATCH];
  private final long[] batchHpa = new long[BATCH];
  private final SeptLevel[] batchLevel = new SeptLevel[BATCH];
  private int batched;

  TdxMemory(TdxVm vm, TdxTd td, EptTables shared, long sharedBit) {
    this.vm = vm;
    this.td = td;
    this.shared = shared;
    this.sharedBit = sharedBit;
    mem = vm.tdx().mem();
    mirror = new MirrorTable(shared.levels());
    large = new LargePages(vm, td, this);
  }

  MirrorTable mirror() {
    return mirror;
  }

  EptTables shared() {
    return shared;
  }

  // ---- private pages ----

  /**
   * Adds the page that the guest missed; CONTINUE, -EBUSY to retry, or an error.
   *
   * @param most largest page that the guest takes here
   */
  int faultPrivate(LogicalProcessor lp, MemSlots slots, MemSlot slot, long gfn, SeptLevel most) {
    GuestMemfdFile file = slot.file();
    if (file == null) {
      return -EFAULT;
    }
    int seen = vm.slotTable.invalidationsEnded();
    long hpa = file.frames().take(slot.filePageOf(gfn));
    if (hpa == FrameTable.NONE) {
      return -ENOMEM;
    }
    vm.mmuLock.lock();
    try {
      if (vm.slots() != slots
          || vm.slotTable.invalidatedSince(seen)
          || !vm.attributes.isPrivate(gfn)) {
        return Vcpu.CONTINUE;
      }
      if (most == SeptLevel.SIZE_4K && mirror.lookupLarge(gfn) != MirrorTable.NONE) {
        int result = large.split(lp, gfn);
        return result == 0 ? Vcpu.CONTINUE : result;
      }
      if (mirror.lookup(gfn) != MirrorTable.NONE) {
        return Vcpu.CONTINUE;
      }
      long largeHpa = most == SeptLevel.SIZE_4K ? FrameTable.NONE : large.frame(slot, gfn);
      if (largeHpa != FrameTable.NONE) {
        int result = addTables(lp, gfn, SeptLevel.SIZE_2M);
        if (result != 0) {
          return result;
        }
        if (mirror.missingLevel(gfn) == SeptLevel.SIZE_2M.encoding()) {
          return augment(lp, LargePages.base(gfn), largeHpa, SeptLevel.SIZE_2M);
        }
      }
      int result = addTables(lp, gfn, SeptLevel.SIZE_4K);
      return result == 0 ? augment(lp, gfn, hpa, SeptLevel.SIZE_4K) : result;
    } finally {
      vm.mmuLock.unlock();
    }
  }

  /** Adds a page that the guest has still to accept. */
  private int augment(LogicalProcessor lp, long gfn, long hpa, SeptLevel level) {
    SeptReply reply = mem.pageAug(lp, td, gfn << 12, level, new GuestPage(new Hpa(hpa)));
    if (reply.status().isBusy()) {
      return -EBUSY;
    }
    if (!reply.status().isSuccess()) {
      return failed(TdhMem.PAGE_AUG, reply, gfn);
    }
    mirror.map(gfn, hpa, level);
    return Vcpu.CONTINUE;
  }

  /**
   * Gives the Secure EPT tables that are missing on the way to the entry of {@code leaf} for {@code
   * gfn}.
   */
  private int addTables(LogicalProcessor lp, long gfn, SeptLevel leaf) {
    int lowest = leaf.encoding();
    for (int level = mirror.missingLevel(gfn); level > lowest; level = mirror.missingLevel(gfn)) {
      Optional<Hpa> frame = vm.frames().allocate();
      if (frame.isEmpty()) {
        return -ENOMEM;
      }
      SeptPage page = new SeptPage(frame.get());
      SeptLevel at = SeptLevel.of(level);
      SeptReply reply = mem.septAdd(lp, td, gfn << 12 & -at.size(), at, page);
      if (!reply.status().isSuccess()) {
        vm.frames().free(frame.get());
        return reply.status().isBusy() ? -EBUSY : failed(TdhMem.SEPT_ADD, reply, gfn);
      }
      mirror.addTable(gfn, level, page);
    }
    return 0;
  }

  private int failed(Leaf leaf, SeptReply reply, long gfn) {
    vm.bug(
        "%s failed: %s, gpa 0x%x, entry 0x%x level %d state %d"
            .formatted(
                leaf.abiName(),
                reply.status(),
                gfn << 12,
                reply.entry(),
                reply.level(),
                reply.state()));
    return -EIO;
  }

  /**
   * Adds an initial page: TDH.MEM.PAGE.ADD with the contents of {@code source}, then, if {@code
   * measure}, TDH.MR.EXTEND over all of it. 0 or an error.
   */
  int addInitial(LogicalProcessor lp, long gfn, long hpa, long source, boolean measure) {
    vm.mmuLock.lock();
    try {
      int result = addTables(lp, gfn, SeptLevel.SIZE_4K);
      if (result != 0) {
        return result;
      }
      if (mirror.lookup(gfn) != MirrorTable.NONE) {
        return -EIO;
      }
      SeptReply reply =
          mem.pageAdd(lp, td, gfn << 12, new GuestPage(new Hpa(hpa)), new Hpa(source));
      if (!reply.status().isSuccess()) {
        return reply.status().isBusy() ? -EBUSY : failed(TdhMem.PAGE_ADD, reply, gfn);
      }
      mirror.map(gfn, hpa);
      for (int at = 0; measure && at < Hpa.PAGE_SIZE; at += EXTEND_BYTES) {
        reply = vm.tdx().mng().extend(lp, td, (gfn << 12) + at);
        if (!reply.status().isSuccess()) {
          return failed(TdhMng.MR_EXTEND, reply, gfn);
        }
      }
      return 0;
    } finally {
      vm.mmuLock.unlock();
    }
  }

  /** Splits large pages that a range covers in part: 0 or an error. */
  int splitPrivate(LogicalProcessor lp, long from, long to) {
    vm.mmuLock.lock();
    try {
      return large.splitAtEnds(lp, from, to);
    } finally {
      vm.mmuLock.unlock();
    }
  }

  /** Takes private pages of a range away from the TD; their frames stay with their file. */
  void zapPrivate(LogicalProcessor lp, long from, long to) {
    vm.mmuLock.lock();
    try {
      if (large.splitAtEnds(lp, from, to) < 0) {
        vm.bug("no memory to split a large page, gpa 0x%x to 0x%x".formatted(from << 12, to << 12));
      }
      mirror.forEachLeaf(
          from,
          Math.min(to, mirror.limit()),
          (gfn, hpa, level) -> {
            batchGfn[batched] = gfn;
            batchLevel[batched] = level;
            batchHpa[batched++] = hpa;
            if (batched == BATCH) {
              removeBatch(lp);
            }
          });
      removeBatch(lp);
    } finally {
      vm.mmuLock.unlock();
    }
  }

  /** Blocks the pages of the batch, tracks once for all of them, and removes them. */
  private void removeBatch(LogicalProcessor lp) {
    int count = batched;
    batched = 0;
    vm.host().cpus().serve(lp);
    for (int i = 0; i < count && !vm.dead(); i++) {
      long gpa = batchGfn[i] << 12;
      SeptLevel level = batchLevel[i];
      check(TdhMem.RANGE_BLOCK, gpa, () -> mem.rangeBlock(lp, td, gpa, level).status());
    }
    if (count > 0 && vm.runnable() && !vm.dead()) {
      check(TdhMem.TRACK, batchGfn[0] << 12, () -> mem.track(lp, td));
      vm.kickAll();
    }
    for (int i = 0; i < count && !vm.dead(); i++) {
      long gpa = batchGfn[i] << 12;
      SeptLevel level = batchLevel[i];
      check(TdhMem.PAGE_REMOVE, gpa, () -> mem.pageRemove(lp, td, gpa, level).status());
      if (!vm.dead()) {
        mirror.unmap(batchGfn[i], level); // the module has it no more, whatever comes
      }
      for (long at = 0; at < level.size(); at += Hpa.PAGE_SIZE) {
        GuestPage page = new GuestPage(new Hpa(batchHpa[i] + at));
        check(TdhPhymem.PAGE_WBINVD, gpa, () -> vm.tdx().phymem().pageWbinvd(lp, page, td.keyId()));
      }
    }
  }

  /**
   * Makes a call that only a vCPU in the guest can keep busy: if so, entries are held off, all
   * vCPUs kicked out, and the call made once more.
   */
  void check(Leaf leaf, long gpa, Supplier<TdxStatus> call) {
    if (vm.dead()) {
      return;
    }
    TdxStatus status = call.get();
    if (status.isBusy()) {
      vm.holdOffEntries(true);
      vm.kickAll();
      status = call.get();
      vm.holdOffEntries(false);
    }
    if (!status.isSuccess()) {
      vm.bug("%s failed: %s, gpa 0x%x".formatted(leaf.abiName(), status, gpa));
    }
  }

  // ---- shared pages ----

  /** Maps the shared page that the guest missed, or lets accesses to it raise #VE. */
  int faultShared(TdxVcpu vcpu, MemSlots slots, long gfn, boolean write) {
    int seen = vm.slotTable.invalidationsEnded();
    MemSlot slot = slots.find(gfn);
    long hpa = slot == null ? 0 : vm.memory().frame(slot.uaddrOf(gfn));
    if (hpa == FrameTable.NONE) {
      return -EFAULT;
    }
    vm.mmuLock.lock();
    try {
      if (vm.slots() != slots
          || vm.slotTable.invalidatedSince(seen)
          || vm.attributes.isPrivate(gfn)) {
        return Vcpu.CONTINUE;
      }
      long gpa = gfn << 12 | sharedBit;
      if (slot == null) {
        return shared.mapMmio(gpa) ? Vcpu.CONTINUE : -ENOMEM;
      }
      if (!shared.map(gpa, hpa, write || !slot.logsWrites())) {
        return -ENOMEM;
      }
      if (slot.logsWrites() && write) {
        vm.slotTable.markWritten(vcpu, slot, gfn);
        vm.platform().invalidateEpt(); // a processor may hold the page as read-only
      }
      return Vcpu.CONTINUE;
    } finally {
      vm.mmuLock.unlock();
    }
  }

  /** Removes shared mappings of a range and waits until no vCPU can use them. */
  void zapShared(long from, long to) {
    vm.mmuLock.lock();
    try {
      long end = Math.min(to << 12, sharedBit);
      if (from << 12 < end && shared.zap((from << 12) + sharedBit, end + sharedBit)) {
        vm.stats.count(Stat.REMOTE_TLB_FLUSH);
        vm.platform().invalidateEpt();
        vm.kickAll();
      }
    } finally {
      vm.mmuLock.unlock();
    }
  }
}
