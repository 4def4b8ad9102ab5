package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOENT;
import static org.swtdx.kvm.uapi.Errno.ENXIO;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmClearDirtyLog;
import org.swtdx.kvm.uapi.KvmDirtyLog;

/**
 * The ioctls that tell what a guest wrote: by bitmap of a slot, or by rings of the vCPUs. Pages
 * that were told are write-protected again, by unmapping them.
 */
final class DirtyIoctls {
  private final Vm vm;

  DirtyIoctls(Vm vm) {
    this.vm = vm;
  }

  /** KVM_GET_DIRTY_LOG; without manual protection it also clears the log. */
  int get(KvmDirtyLog request, Argument arg) {
    if (vm.options.dirtyRingBytes != 0) {
      return -ENXIO;
    }
    if (badSlot(request.slot())) {
      return -EINVAL;
    }
    vm.slotsLock.lock();
    try {
      MemSlot slot = vm.slots().byId(request.slot() & 0xffff);
      DirtyLog log = slot == null ? null : slot.dirty();
      if (slot == null || log == null) {
        return -ENOENT;
      }
      return copyOut(slot, log, arg.at(request.dirtyBitmap()));
    } finally {
      vm.slotsLock.unlock();
    }
  }

  private int copyOut(MemSlot slot, DirtyLog log, Argument to) {
    for (int first = 0; first < log.length(); first += DirtyLog.CHUNK) {
      int words = Math.min(DirtyLog.CHUNK, log.length() - first);
      ByteBuffer out = ByteBuffer.allocate(Long.BYTES * words).order(ByteOrder.LITTLE_ENDIAN);
      if (!log.isEmpty(first)) {
        take(slot, log, first, out);
      }
      if (!to.plus((long) Long.BYTES * first).store(out.array())) {
        return -EFAULT;
      }
    }
    return 0;
  }

  /** Moves words of a log out, or copies them if user space clears them itself. */
  private void take(MemSlot slot, DirtyLog log, int first, ByteBuffer out) {
    boolean manual = (vm.options.dirtyLog & VmOptions.MANUAL_PROTECT) != 0;
    vm.mmuLock.lock();
    try {
      for (int i = first; out.hasRemaining(); i++) {
        long bits = manual ? log.word(i) : log.clear(i, -1);
        out.putLong(bits);
        protect(slot, 64L * i, manual ? 0 : bits);
      }
    } finally {
      vm.mmuLock.unlock();
    }
  }

  private static boolean badSlot(int slot) {
    return slot >>> 16 != 0 || (slot & 0xffff) >= Vm.USER_SLOTS;
  }

  private void protect(MemSlot slot, long page, long bits) {
    if (bits != 0) {
      long from = slot.baseGfn() + page + Long.numberOfTrailingZeros(bits);
      long to = slot.baseGfn() + page + 64 - Long.numberOfLeadingZeros(bits);
      vm.zapShared(from, to);
    }
  }

  /** KVM_CLEAR_DIRTY_LOG. */
  int clear(KvmClearDirtyLog request, Argument arg) {
    if (vm.options.dirtyRingBytes != 0) {
      return -ENXIO;
    }
    long first = request.firstPage();
    long count = Integer.toUnsignedLong(request.numPages());
    if (badSlot(request.slot()) || (first & 63) != 0) {
      return -EINVAL;
    }
    vm.slotsLock.lock();
    try {
      MemSlot slot = vm.slots().byId(request.slot() & 0xffff);
      DirtyLog log = slot == null ? null : slot.dirty();
      if (slot == null || log == null) {
        return -ENOENT;
      }
      long pages = slot.pages();
      if (first < 0 || first > pages || count > pages - first) {
        return -EINVAL;
      }
      if (count < pages - first && (count & 63) != 0) {
        return -EINVAL;
      }
      Argument bitmap = arg.at(request.dirtyBitmap());
      int words = (int) ((count + 63) / 64);
      int from = (int) (first >>> 6);
      boolean readable = forEachChunk(bitmap, words, (_, _) -> {});
      boolean done =
          readable && forEachChunk(bitmap, words, (at, bits) -> clear(slot, log, from + at, bits));
      return done ? 0 : -EFAULT;
    } finally {
      vm.slotsLock.unlock();
    }
  }

  /** What to do with a part of a bitmap, given its first word. */
  @FunctionalInterface
  private interface BitmapPart {
    void apply(int first, ByteBuffer bits);
  }

  /** Reads a bitmap of user space in parts; false when it cannot be read. */
  private static boolean forEachChunk(Argument bitmap, int words, BitmapPart action) {
    for (int at = 0; at < words; at += DirtyLog.CHUNK) {
      byte[] part = new byte[Long.BYTES * Math.min(DirtyLog.CHUNK, words - at)];
      if (!bitmap.plus((long) Long.BYTES * at).load(part)) {
        return false;
      }
      action.apply(at, ByteBuffer.wrap(part));
    }
    return true;
  }

  private void clear(MemSlot slot, DirtyLog log, int from, ByteBuffer bitmap) {
    bitmap.order(ByteOrder.LITTLE_ENDIAN);
    vm.mmuLock.lock();
    try {
      for (int i = from; bitmap.hasRemaining(); i++) {
        protect(slot, 64L * i, log.clear(i, bitmap.getLong()));
      }
    } finally {
      vm.mmuLock.unlock();
    }
  }

  /** KVM_CAP_DIRTY_LOG_RING: once, before the first vCPU. */
  int enableRing(long bytes) {
    int size = (int) bytes;
    if (size <= 0 || Integer.bitCount(size) != 1 || size < 4096 || size < DirtyRing.RESERVED * 16) {
      return -EINVAL;
    }
    if (size > DirtyRing.MAX_BYTES) {
      return -E2BIG;
    }
    vm.lock.lock();
    try {
      if (vm.options.dirtyRingBytes != 0 || vm.createdVcpus() > 0) {
        return -EINVAL;
      }
      vm.options.dirtyRingBytes = size;
      return 0;
    } finally {
      vm.lock.unlock();
    }
  }

  /** KVM_RESET_DIRTY_RINGS: how many entries were given back. */
  int resetRings() {
    if (vm.options.dirtyRingBytes == 0) {
      return -EINVAL;
    }
    vm.slotsLock.lock();
    vm.mmuLock.lock();
    try {
      int count = 0;
      for (Vcpu vcpu : vm.vcpus()) {
        DirtyRing ring = vcpu.dirtyRing();
        count += ring == null ? 0 : ring.reset(this::resetPage);
      }
      return count;
    } finally {
      vm.mmuLock.unlock();
      vm.slotsLock.unlock();
    }
  }

  private void resetPage(int slotId, long page) {
    @Nullable MemSlot slot = badSlot(slotId) ? null : vm.slots().byId(slotId);
    if (slot != null && page >= 0 && page < slot.pages()) {
      vm.zapShared(slot.baseGfn() + page, slot.baseGfn() + page + 1);
    }
  }
}
