package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;

/**
 * A memory slot.
 *
 * @param id slot number
 * @param flags {@code KVM_MEM_*}
 * @param baseGfn first guest frame
 * @param pages number of frames
 * @param uaddr user address of the shared backing
 * @param file private backing, or null
 * @param filePage first page of the private backing
 * @param dirty which pages were written, or null when nobody asks
 */
record MemSlot(
    int id,
    int flags,
    long baseGfn,
    long pages,
    long uaddr,
    @Nullable GuestMemfdFile file,
    long filePage,
    @Nullable DirtyLog dirty) {
  long endGfn() {
    return baseGfn + pages;
  }

  /** Whether a guest's writes go to user space instead. */
  boolean readOnly() {
    return (flags & KvmUserspaceMemoryRegion2.READONLY) != 0;
  }

  /** Whether user space wants to know which pages are written. */
  boolean logsWrites() {
    return (flags & KvmUserspaceMemoryRegion2.LOG_DIRTY_PAGES) != 0;
  }

  boolean contains(long gfn) {
    return gfn >= baseGfn && gfn < baseGfn + pages;
  }

  /** User address of the page that backs {@code gfn}. */
  long uaddrOf(long gfn) {
    return uaddr + ((gfn - baseGfn) << 12);
  }

  /** Page of the private backing for {@code gfn}. */
  long filePageOf(long gfn) {
    return filePage + (gfn - baseGfn);
  }
}
