package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_TDX_INIT_MEM_REGION}; advanced by the pages that were added. */
public final class KvmTdxInitMemRegion extends Struct {
  /** {@code sizeof(struct kvm_tdx_init_mem_region)} in bytes. */
  public static final int SIZE = 24;

  /** Creates a zeroed structure. */
  public KvmTdxInitMemRegion() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmTdxInitMemRegion(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** User address of the initial contents. */
  public long sourceAddr() {
    return u64(0);
  }

  /** Sets {@link #sourceAddr()}. */
  public KvmTdxInitMemRegion sourceAddr(long value) {
    putU64(0, value);
    return this;
  }

  /** Guest physical address, SHARED bit clear. */
  public long gpa() {
    return u64(8);
  }

  /** Sets {@link #gpa()}. */
  public KvmTdxInitMemRegion gpa(long value) {
    putU64(8, value);
    return this;
  }

  /** Number of 4 KiB pages. */
  public long nrPages() {
    return u64(16);
  }

  /** Sets {@link #nrPages()}. */
  public KvmTdxInitMemRegion nrPages(long value) {
    putU64(16, value);
    return this;
  }
}
