package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Result of {@code KVM_TDX_CAPABILITIES}; the CPUID entries are masks of configurable bits. */
public final class KvmTdxCapabilities extends Struct {
  /** {@code sizeof(struct kvm_tdx_capabilities)} in bytes. */
  public static final int SIZE = 2048;

  /** Creates a zeroed structure. */
  public KvmTdxCapabilities() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmTdxCapabilities(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** TD ATTRIBUTES bits that may be set. */
  public long supportedAttrs() {
    return u64(0);
  }

  /** Sets {@link #supportedAttrs()}. */
  public KvmTdxCapabilities supportedAttrs(long value) {
    putU64(0, value);
    return this;
  }

  /** XFAM bits that may be set. */
  public long supportedXfam() {
    return u64(8);
  }

  /** Sets {@link #supportedXfam()}. */
  public KvmTdxCapabilities supportedXfam(long value) {
    putU64(8, value);
    return this;
  }

  /** Optional TDVMCALLs the kernel handles, R11 part. */
  public long kernelTdvmcallinfo1R11() {
    return u64(16);
  }

  /** Sets {@link #kernelTdvmcallinfo1R11()}. */
  public KvmTdxCapabilities kernelTdvmcallinfo1R11(long value) {
    putU64(16, value);
    return this;
  }

  /** Optional TDVMCALLs user space may handle, R11 part. */
  public long userTdvmcallinfo1R11() {
    return u64(24);
  }

  /** Sets {@link #userTdvmcallinfo1R11()}. */
  public KvmTdxCapabilities userTdvmcallinfo1R11(long value) {
    putU64(24, value);
    return this;
  }

  /** Optional TDVMCALLs the kernel handles, R12 part. */
  public long kernelTdvmcallinfo1R12() {
    return u64(32);
  }

  /** Sets {@link #kernelTdvmcallinfo1R12()}. */
  public KvmTdxCapabilities kernelTdvmcallinfo1R12(long value) {
    putU64(32, value);
    return this;
  }

  /** Optional TDVMCALLs user space may handle, R12 part. */
  public long userTdvmcallinfo1R12() {
    return u64(40);
  }

  /** Sets {@link #userTdvmcallinfo1R12()}. */
  public KvmTdxCapabilities userTdvmcallinfo1R12(long value) {
    putU64(40, value);
    return this;
  }

  /**
   * Optional sub-commands, {@code KVM_TDX_CAP_*}; reserved and 0 in Linux 7.3, used by an
   * extension.
   */
  public long supportedCaps() {
    return u64(48);
  }

  /** Sets {@link #supportedCaps()}. */
  public KvmTdxCapabilities supportedCaps(long value) {
    putU64(48, value);
    return this;
  }

  /** Creates a structure whose {@link #cpuid()} has room for {@code capacity} entries. */
  public static KvmTdxCapabilities withCapacity(int capacity) {
    int bytes = SIZE + KvmCpuid2.SIZE + capacity * KvmCpuid2.ENTRY_SIZE;
    KvmTdxCapabilities result = new KvmTdxCapabilities(MemorySegment.ofArray(new byte[bytes]));
    result.cpuid().nent(capacity);
    return result;
  }

  /** The CPUID list that follows the fixed part. */
  public KvmCpuid2 cpuid() {
    return new KvmCpuid2(segment().asSlice(SIZE));
  }
}
