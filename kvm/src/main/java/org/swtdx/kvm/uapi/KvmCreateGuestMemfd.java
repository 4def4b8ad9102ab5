package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_CREATE_GUEST_MEMFD}. */
public final class KvmCreateGuestMemfd extends Struct {
  /** {@code sizeof(struct kvm_create_guest_memfd)} in bytes. */
  public static final int SIZE = 64;

  /** Creates a zeroed structure. */
  public KvmCreateGuestMemfd() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmCreateGuestMemfd(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Bytes, a multiple of 4 KiB. */
  public long size() {
    return u64(0);
  }

  /** Sets {@link #size()}. */
  public KvmCreateGuestMemfd size(long value) {
    putU64(0, value);
    return this;
  }

  /** {@code GUEST_MEMFD_FLAG_*}. */
  public long flags() {
    return u64(8);
  }

  /** Sets {@link #flags()}. */
  public KvmCreateGuestMemfd flags(long value) {
    putU64(8, value);
    return this;
  }
}
