package org.swtdx.kvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.swtdx.memory.LostMemory;

/**
 * The ring of collected writes that user space maps, {@code struct kvm_coalesced_mmio_ring}: user
 * space advances {@code first}, KVM {@code last}; one entry stays free.
 */
final class CoalescedRing {
  /** Where in a vCPU's shared pages it lies. */
  static final int OFFSET = 2 * 4096;

  private static final int HEADER = 8;
  private static final int ENTRY = 24;

  /** {@code KVM_COALESCED_MMIO_MAX}. */
  static final int ENTRIES = (4096 - HEADER) / ENTRY;

  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment page;

  CoalescedRing(MemorySegment pages) {
    page = pages.asSlice(OFFSET, 4096);
  }

  /** Adds a write; false when the ring is full, or user space broke it. */
  synchronized boolean add(long addr, int size, long value, boolean pio) {
    return LostMemory.unlessLost(() -> put(addr, size, value, pio));
  }

  private boolean put(long addr, int size, long value, boolean pio) {
    int last = page.get(U32, 4);
    if (Integer.compareUnsigned(last, ENTRIES) >= 0 || (last + 1) % ENTRIES == page.get(U32, 0)) {
      return false;
    }
    long at = HEADER + (long) ENTRY * last;
    page.set(U64, at, addr);
    page.set(U32, at + 8, size);
    page.set(U32, at + 12, pio ? 1 : 0);
    page.set(U64, at + 16, value);
    publish((last + 1) % ENTRIES);
    return true;
  }

  private void publish(int last) {
    if (page.isNative()) {
      INT.setRelease(page, 4L, last);
    } else {
      VarHandle.releaseFence();
      page.set(U32, 4, last);
    }
  }
}
