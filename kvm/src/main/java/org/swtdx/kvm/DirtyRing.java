package org.swtdx.kvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.swtdx.memory.LostMemory;

/**
 * The ring of {@code struct kvm_dirty_gfn} in which a vCPU tells user space what it wrote. User
 * space sets the reset flag of entries that it has seen.
 */
final class DirtyRing {
  /** {@code KVM_DIRTY_LOG_PAGE_OFFSET}: where it is in a vCPU's file, in bytes. */
  static final int FILE_OFFSET = 64 << 12;

  /** {@code KVM_CAP_DIRTY_LOG_RING}: bytes of the longest ring. */
  static final int MAX_BYTES = 65536 * 16;

  /** Entries kept free for what one exit can still write. */
  static final int RESERVED = 64;

  private static final int ENTRY = 16;
  private static final int DIRTY = 1;
  private static final int RESET = 2;
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment memory;
  private final int entries;
  private int next;
  private int oldest;

  /** Told of entries that user space gave back. */
  interface Visitor {
    void reset(int slot, long page);
  }

  DirtyRing(MemorySegment memory) {
    this.memory = memory;
    entries = (int) (memory.byteSize() / ENTRY);
  }

  MemorySegment memory() {
    return memory;
  }

  /** Whether an offset in a vCPU's file is in the ring. */
  boolean contains(long offset) {
    return offset >= FILE_OFFSET && offset < FILE_OFFSET + memory.byteSize();
  }

  /** Whether user space should empty it before the guest goes on. */
  synchronized boolean full() {
    return next - oldest >= entries - RESERVED;
  }

  private long at(int index) {
    return (long) ENTRY * (index & entries - 1);
  }

  /** Adds a page; the reserve keeps a guest from filling the ring between two checks. */
  synchronized void push(int slot, long page) {
    if (next - oldest == entries) {
      return;
    }
    long at = at(next++);
    LostMemory.unlessLost(() -> put(at, slot, page));
  }

  private boolean put(long at, int slot, long page) {
    memory.set(U32, at + 4, slot);
    memory.set(U64, at + 8, page);
    VarHandle.releaseFence();
    memory.set(U32, at, DIRTY);
    return true;
  }

  /** Takes back what user space has seen; returns how many entries. */
  synchronized int reset(Visitor visitor) {
    int count = 0;
    while (oldest != next && isReset(at(oldest))) {
      VarHandle.acquireFence();
      long at = at(oldest++);
      int slot = memory.get(U32, at + 4);
      long page = memory.get(U64, at + 8);
      memory.set(U32, at, 0);
      visitor.reset(slot, page);
      count++;
    }
    return count;
  }

  private boolean isReset(long at) {
    return LostMemory.unlessLost(() -> (memory.get(U32, at) & RESET) != 0);
  }
}
