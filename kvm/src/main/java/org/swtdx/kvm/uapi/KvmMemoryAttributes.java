package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SET_MEMORY_ATTRIBUTES}. */
public final class KvmMemoryAttributes extends Struct {
  /** {@code sizeof(struct kvm_memory_attributes)} in bytes. */
  public static final int SIZE = 32;

  /** Creates a zeroed structure. */
  public KvmMemoryAttributes() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmMemoryAttributes(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** First guest physical address, SHARED bit clear. */
  public long address() {
    return u64(0);
  }

  /** Sets {@link #address()}. */
  public KvmMemoryAttributes address(long value) {
    putU64(0, value);
    return this;
  }

  /** Bytes. */
  public long size() {
    return u64(8);
  }

  /** Sets {@link #size()}. */
  public KvmMemoryAttributes size(long value) {
    putU64(8, value);
    return this;
  }

  /** New attributes: 0 or {@link #PRIVATE}. */
  public long attributes() {
    return u64(16);
  }

  /** Sets {@link #attributes()}. */
  public KvmMemoryAttributes attributes(long value) {
    putU64(16, value);
    return this;
  }

  /** Must be zero. */
  public long flags() {
    return u64(24);
  }

  /** Sets {@link #flags()}. */
  public KvmMemoryAttributes flags(long value) {
    putU64(24, value);
    return this;
  }

  /** {@code KVM_MEMORY_ATTRIBUTE_PRIVATE}. */
  public static final long PRIVATE = 8;
}
