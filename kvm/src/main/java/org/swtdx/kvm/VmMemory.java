package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBADF;
import static org.swtdx.kvm.uapi.Errno.EEXIST;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.memory.Hpa;

/**
 * The memory of a VM as user space arranges it: slots and attributes. Changes are made under the
 * VM's slots lock; readers see an immutable set of slots.
 */
final class VmMemory implements AddressSpace.RangeListener {
  private static final int PAGE = Hpa.PAGE_SIZE;

  /** {@code KVM_MEM_MAX_NR_PAGES}. */
  private static final long MAX_SLOT_PAGES = (1L << 31) - 1;

  /** First address that no process has: {@code TASK_SIZE_MAX}. */
  private static final long USER_END = 0x7fff_ffff_f000L;

  private final Vm vm;
  private volatile MemSlots slots = MemSlots.EMPTY;
  private int invalidations;
  private volatile int invalidationsEnded;

  VmMemory(Vm vm) {
    this.vm = vm;
  }

  MemSlots slots() {
    return slots;
  }

  /** KVM_SET_USER_MEMORY_REGION2. */
  int setRegion(
      int slotAndSpace, int flags, long gpa, long size, long uaddr, long fileOffset, int fileFd) {
    int id = slotAndSpace & 0xffff;
    if ((flags & ~allowedFlags(flags)) != 0
        || slotAndSpace >>> 16 != 0
        || id >= Vm.USER_SLOTS
        || ((gpa | size | uaddr) & PAGE - 1) != 0
        || gpa < 0
        || size < 0
        || gpa + size < gpa
        || size >>> 12 > MAX_SLOT_PAGES
        || uaddr < 0
        || uaddr > USER_END - size) {
      return -EINVAL;
    }
    boolean hasFile = (flags & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0;
    if (hasFile && ((fileOffset & PAGE - 1) != 0 || fileOffset + size < fileOffset)) {
      return -EINVAL;
    }
    vm.slotsLock.lock();
    try {
      MemSlot old = slots.byId(id);
      if (size == 0) {
        return old == null ? -EINVAL : deleteSlot(old);
      }
      if (gpa >>> 12 >= vm.gfnLimit() || (gpa + size) >>> 12 > vm.gfnLimit()) {
        return -EINVAL;
      }
      return old == null
          ? createSlot(id, flags, gpa, size, uaddr, fileOffset, hasFile ? fileFd : -1)
          : changeSlot(old, flags, gpa, size, uaddr);
    } finally {
      vm.slotsLock.unlock();
    }
  }

  private int createSlot(
      int id, int flags, long gpa, long size, long uaddr, long fileOffset, int fileFd) {
    long base = gpa >>> 12;
    long pages = size >>> 12;
    if (slots.overlaps(base, base + pages, id)) {
      return -EEXIST;
    }
    GuestMemfdFile file = null;
    if ((flags & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0) {
      if (!(vm.process().file(fileFd) instanceof GuestMemfdFile found)) {
        return vm.process().isOpen(fileFd) ? -EINVAL : -EBADF;
      }
      file = found;
      if (file.vm() != vm || fileOffset < 0 || fileOffset + size > file.size()) {
        return -EINVAL;
      }
      for (MemSlot slot : slots.all()) {
        if (slot.file() == file
            && slot.filePage() < (fileOffset >>> 12) + pages
            && slot.filePage() + slot.pages() > fileOffset >>> 12) {
          return -EEXIST;
        }
      }
    }
    int provided = vm.memory().provide(uaddr, size);
    if (provided < 0) {
      return provided;
    }
    DirtyLog dirty = dirtyLog(flags, pages);
    slots =
        slots.replace(
            id, new MemSlot(id, flags, base, pages, uaddr, file, fileOffset >>> 12, dirty));
    slotAdded(base, base + pages);
    return 0;
  }

  /** Flags that a slot with {@code flags} may have. */
  private int allowedFlags(int flags) {
    if ((flags & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0) {
      return KvmUserspaceMemoryRegion2.GUEST_MEMFD;
    }
    return KvmUserspaceMemoryRegion2.LOG_DIRTY_PAGES
        | (vm.hasReadOnlySlots() ? KvmUserspaceMemoryRegion2.READONLY : 0);
  }

  /** The log of a slot, unless it has none or writes go to rings. */
  private @Nullable DirtyLog dirtyLog(int flags, long pages) {
    boolean wanted = (flags & KvmUserspaceMemoryRegion2.LOG_DIRTY_PAGES) != 0;
    return wanted && vm.options.dirtyRingBytes == 0
        ? new DirtyLog(pages, (vm.options.dirtyLog & VmOptions.INITIALLY_SET) != 0)
        : null;
  }

  /** Notes that a guest, or KVM for it, wrote a page. */
  void markWritten(Vcpu vcpu, MemSlot slot, long gfn) {
    DirtyLog log = slot.dirty();
    DirtyRing ring = vcpu.dirtyRing();
    if (log != null) {
      log.mark(gfn - slot.baseGfn());
    } else if (slot.logsWrites() && ring != null) {
      ring.push(slot.id(), gfn - slot.baseGfn());
    }
  }

  private int changeSlot(MemSlot old, int flags, long gpa, long size, long uaddr) {
    int fixed = KvmUserspaceMemoryRegion2.READONLY | KvmUserspaceMemoryRegion2.GUEST_MEMFD;
    if ((flags & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0
        || uaddr != old.uaddr()
        || size >>> 12 != old.pages()
        || ((flags ^ old.flags()) & fixed) != 0) {
      return -EINVAL;
    }
    long base = gpa >>> 12;
    boolean moved = base != old.baseGfn();
    if (!moved && flags == old.flags()) {
      return 0;
    }
    if (moved && slots.overlaps(base, base + old.pages(), old.id())) {
      return -EEXIST;
    }
    boolean logs = (flags & KvmUserspaceMemoryRegion2.LOG_DIRTY_PAGES) != 0;
    DirtyLog dirty = logs && old.logsWrites() ? old.dirty() : dirtyLog(flags, old.pages());
    if (moved) {
      deleteSlot(old);
    }
    slots =
        slots.replace(
            old.id(), new MemSlot(old.id(), flags, base, old.pages(), uaddr, null, 0, dirty));
    vm.zapShared(base, base + old.pages());
    return 0;
  }

  private int deleteSlot(MemSlot old) {
    slots = slots.replace(old.id(), null);
    vm.zapShared(old.baseGfn(), old.endGfn());
    vm.zapPrivate(old.baseGfn(), old.endGfn());
    return 0;
  }

  /** A slot appeared where MMIO may have been cached. */
  private void slotAdded(long from, long to) {
    vm.zapShared(from, to);
  }

  // ---- attributes ----

  /** KVM_SET_MEMORY_ATTRIBUTES. */
  int setAttributes(long gpa, long size, long value, long flags) {
    long supported = vm.hasPrivateMemory() ? KvmMemoryAttributes.PRIVATE : 0;
    if (flags != 0
        || (value & ~supported) != 0
        || size == 0
        || Long.compareUnsigned(gpa + size, gpa) < 0
        || ((gpa | size) & PAGE - 1) != 0) {
      return -EINVAL;
    }
    long from = gpa >>> 12;
    long to = gpa + size >>> 12;
    boolean priv = value == KvmMemoryAttributes.PRIVATE;
    vm.slotsLock.lock();
    try {
      if (vm.attributes.all(from, to, priv)) {
        return 0;
      }
      int result = changeAttributes(from, to, priv);
      if (result < 0) {
        return result;
      }
      if (priv) {
        vm.zapShared(from, to);
      } else {
        vm.zapPrivate(from, to);
      }
      return vm.dead() ? -org.swtdx.kvm.uapi.Errno.EIO : 0;
    } finally {
      vm.slotsLock.unlock();
    }
  }

  /**
   * Changes attributes; large pages across the ends are split before, and none is made meanwhile.
   */
  private int changeAttributes(long from, long to, boolean priv) {
    boolean splits = !priv && vm.hasLargePages();
    if (splits) {
      countInvalidation(1);
    }
    try {
      int result = splits ? vm.splitPrivate(from, to) : 0;
      if (result == 0) {
        vm.attributes.set(from, to, priv);
      }
      return result;
    } finally {
      if (splits) {
        countInvalidation(-1);
      }
    }
  }

  /** Frees pages of a private file, away from guests first. */
  int punchHole(GuestMemfdFile file, long fromPage, long toPage) {
    vm.slotsLock.lock();
    countInvalidation(1);
    try {
      int split = forEachMapping(file, fromPage, toPage, vm::splitPrivate);
      if (split < 0) {
        return split;
      }
      forEachMapping(
          file,
          fromPage,
          toPage,
          (from, to) -> {
            vm.zapPrivate(from, to);
            return 0;
          });
      if (vm.takenBack()) {
        file.frames().release(fromPage, toPage);
      }
      return 0;
    } finally {
      countInvalidation(-1);
      vm.slotsLock.unlock();
    }
  }

  /** What to do with a range of guest frames: 0 or an error. */
  @FunctionalInterface
  private interface RangeAction {
    int apply(long fromGfn, long toGfn);
  }

  /** Calls {@code action} for the guest frames behind pages of a file, until it fails. */
  private int forEachMapping(GuestMemfdFile file, long fromPage, long toPage, RangeAction action) {
    for (MemSlot slot : slots.all()) {
      if (slot.file() == file) {
        long from = Math.max(fromPage, slot.filePage());
        long to = Math.min(toPage, slot.filePage() + slot.pages());
        long base = slot.baseGfn() - slot.filePage();
        int result = from < to ? action.apply(base + from, base + to) : 0;
        if (result < 0) {
          return result;
        }
      }
    }
    return 0;
  }

  /** How many times frames were freed; a fault notes it before it looks for its frame. */
  int invalidationsEnded() {
    return invalidationsEnded;
  }

  /**
   * Whether a fault must look for its frame again: frames are about to be freed, or were after it
   * noted {@code seen}. Under the MMU lock.
   */
  boolean invalidatedSince(int seen) {
    return invalidations > 0 || invalidationsEnded != seen;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the MMU lock
  private void countInvalidation(int delta) {
    vm.mmuLock.lock();
    try {
      invalidations += delta;
      if (delta < 0) {
        invalidationsEnded++;
      }
    } finally {
      vm.mmuLock.unlock();
    }
  }

  @Override
  public void end() {
    countInvalidation(-1);
  }

  @Override
  public void begin(long from, long to) {
    countInvalidation(1);
    for (MemSlot slot : slots.all()) {
      long start = Math.max(from, slot.uaddr());
      long end = Math.min(to, slot.uaddr() + slot.pages() * PAGE);
      if (start < end) {
        long base = slot.baseGfn() - (slot.uaddr() >>> 12);
        vm.zapShared(base + (start >>> 12), base + (end + PAGE - 1 >>> 12));
      }
    }
  }
}
