package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SET_USER_MEMORY_REGION2}. */
public final class KvmUserspaceMemoryRegion2 extends Struct {
  /** {@code sizeof(struct kvm_userspace_memory_region2)} in bytes. */
  public static final int SIZE = 160;

  /** Creates a zeroed structure. */
  public KvmUserspaceMemoryRegion2() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmUserspaceMemoryRegion2(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Slot number; address space in the upper half. */
  public int slot() {
    return u32(0);
  }

  /** Sets {@link #slot()}. */
  public KvmUserspaceMemoryRegion2 slot(int value) {
    putU32(0, value);
    return this;
  }

  /** {@code KVM_MEM_*} flags. */
  public int flags() {
    return u32(4);
  }

  /** Sets {@link #flags()}. */
  public KvmUserspaceMemoryRegion2 flags(int value) {
    putU32(4, value);
    return this;
  }

  /** First guest physical address. */
  public long guestPhysAddr() {
    return u64(8);
  }

  /** Sets {@link #guestPhysAddr()}. */
  public KvmUserspaceMemoryRegion2 guestPhysAddr(long value) {
    putU64(8, value);
    return this;
  }

  /** Bytes; 0 deletes the slot. */
  public long memorySize() {
    return u64(16);
  }

  /** Sets {@link #memorySize()}. */
  public KvmUserspaceMemoryRegion2 memorySize(long value) {
    putU64(16, value);
    return this;
  }

  /** User address of the shared backing. */
  public long userspaceAddr() {
    return u64(24);
  }

  /** Sets {@link #userspaceAddr()}. */
  public KvmUserspaceMemoryRegion2 userspaceAddr(long value) {
    putU64(24, value);
    return this;
  }

  /** Offset of the private backing in its guest_memfd. */
  public long guestMemfdOffset() {
    return u64(32);
  }

  /** Sets {@link #guestMemfdOffset()}. */
  public KvmUserspaceMemoryRegion2 guestMemfdOffset(long value) {
    putU64(32, value);
    return this;
  }

  /** guest_memfd of the private backing, with {@link #GUEST_MEMFD}. */
  public int guestMemfd() {
    return u32(40);
  }

  /** Sets {@link #guestMemfd()}. */
  public KvmUserspaceMemoryRegion2 guestMemfd(int value) {
    putU32(40, value);
    return this;
  }

  /** {@code KVM_MEM_LOG_DIRTY_PAGES}. */
  public static final int LOG_DIRTY_PAGES = 1;

  /** {@code KVM_MEM_READONLY}. */
  public static final int READONLY = 2;

  /** {@code KVM_MEM_GUEST_MEMFD}: the slot has a private backing. */
  public static final int GUEST_MEMFD = 4;
}
