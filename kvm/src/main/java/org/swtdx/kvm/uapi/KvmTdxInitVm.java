package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_TDX_INIT_VM}; a {@code kvm_cpuid2} follows the fixed part. */
public final class KvmTdxInitVm extends Struct {
  /** {@code sizeof(struct kvm_tdx_init_vm)} in bytes. */
  public static final int SIZE = 256;

  /** Creates a zeroed structure. */
  public KvmTdxInitVm() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmTdxInitVm(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** TD ATTRIBUTES. */
  public long attributes() {
    return u64(0);
  }

  /** Sets {@link #attributes()}. */
  public KvmTdxInitVm attributes(long value) {
    putU64(0, value);
    return this;
  }

  /** XFAM. */
  public long xfam() {
    return u64(8);
  }

  /** Sets {@link #xfam()}. */
  public KvmTdxInitVm xfam(long value) {
    putU64(8, value);
    return this;
  }

  /** MRCONFIGID, six words. */
  public long mrconfigid(int index) {
    return u64(16 + 8L * index);
  }

  /** Sets {@link #mrconfigid(int)}. */
  public KvmTdxInitVm mrconfigid(int index, long value) {
    putU64(16 + 8L * index, value);
    return this;
  }

  /** MROWNER, six words. */
  public long mrowner(int index) {
    return u64(64 + 8L * index);
  }

  /** Sets {@link #mrowner(int)}. */
  public KvmTdxInitVm mrowner(int index, long value) {
    putU64(64 + 8L * index, value);
    return this;
  }

  /** MROWNERCONFIG, six words. */
  public long mrownerconfig(int index) {
    return u64(112 + 8L * index);
  }

  /** Sets {@link #mrownerconfig(int)}. */
  public KvmTdxInitVm mrownerconfig(int index, long value) {
    putU64(112 + 8L * index, value);
    return this;
  }

  /** Must be zero, twelve words. */
  public long reserved(int index) {
    return u64(160 + 8L * index);
  }

  /** Sets {@link #reserved(int)}. */
  public KvmTdxInitVm reserved(int index, long value) {
    putU64(160 + 8L * index, value);
    return this;
  }

  /** Creates a structure whose {@link #cpuid()} has room for {@code capacity} entries. */
  public static KvmTdxInitVm withCapacity(int capacity) {
    int bytes = SIZE + KvmCpuid2.SIZE + capacity * KvmCpuid2.ENTRY_SIZE;
    KvmTdxInitVm result = new KvmTdxInitVm(MemorySegment.ofArray(new byte[bytes]));
    result.cpuid().nent(capacity);
    return result;
  }

  /** The virtual CPUID configuration that follows the fixed part. */
  public KvmCpuid2 cpuid() {
    return new KvmCpuid2(segment().asSlice(SIZE));
  }
}
