package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SET_USER_MEMORY_REGION}. */
public final class KvmUserspaceMemoryRegion extends Struct {
  /** {@code sizeof(struct kvm_userspace_memory_region)} in bytes. */
  public static final int SIZE = 32;

  /** Creates a zeroed structure. */
  public KvmUserspaceMemoryRegion() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmUserspaceMemoryRegion(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Slot number; address space in the upper half. */
  public int slot() {
    return u32(0);
  }

  /** Sets {@link #slot()}. */
  public KvmUserspaceMemoryRegion slot(int value) {
    putU32(0, value);
    return this;
  }

  /** {@code KVM_MEM_*} flags. */
  public int flags() {
    return u32(4);
  }

  /** Sets {@link #flags()}. */
  public KvmUserspaceMemoryRegion flags(int value) {
    putU32(4, value);
    return this;
  }

  /** First guest physical address. */
  public long guestPhysAddr() {
    return u64(8);
  }

  /** Sets {@link #guestPhysAddr()}. */
  public KvmUserspaceMemoryRegion guestPhysAddr(long value) {
    putU64(8, value);
    return this;
  }

  /** Bytes; 0 deletes the slot. */
  public long memorySize() {
    return u64(16);
  }

  /** Sets {@link #memorySize()}. */
  public KvmUserspaceMemoryRegion memorySize(long value) {
    putU64(16, value);
    return this;
  }

  /** User address of the shared backing. */
  public long userspaceAddr() {
    return u64(24);
  }

  /** Sets {@link #userspaceAddr()}. */
  public KvmUserspaceMemoryRegion userspaceAddr(long value) {
    putU64(24, value);
    return this;
  }

  /** {@code KVM_MEM_LOG_DIRTY_PAGES}. */
  public static final int LOG_DIRTY_PAGES = 1;

  /** {@code KVM_MEM_READONLY}. */
  public static final int READONLY = 2;
}
