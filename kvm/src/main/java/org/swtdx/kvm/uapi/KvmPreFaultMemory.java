package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_PRE_FAULT_MEMORY}; advanced by what was mapped. */
public final class KvmPreFaultMemory extends Struct {
  /** {@code sizeof(struct kvm_pre_fault_memory)} in bytes. */
  public static final int SIZE = 64;

  /** Creates a zeroed structure. */
  public KvmPreFaultMemory() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmPreFaultMemory(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** First guest physical address. */
  public long gpa() {
    return u64(0);
  }

  /** Sets {@link #gpa()}. */
  public KvmPreFaultMemory gpa(long value) {
    putU64(0, value);
    return this;
  }

  /** Bytes. */
  public long size() {
    return u64(8);
  }

  /** Sets {@link #size()}. */
  public KvmPreFaultMemory size(long value) {
    putU64(8, value);
    return this;
  }

  /** Must be zero. */
  public long flags() {
    return u64(16);
  }

  /** Sets {@link #flags()}. */
  public KvmPreFaultMemory flags(long value) {
    putU64(16, value);
    return this;
  }
}
