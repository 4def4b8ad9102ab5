package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_ENABLE_CAP}. */
public final class KvmEnableCap extends Struct {
  /** {@code sizeof(struct kvm_enable_cap)} in bytes. */
  public static final int SIZE = 104;

  /** Creates a zeroed structure. */
  public KvmEnableCap() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmEnableCap(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Capability, a constant of {@link KvmCap}. */
  public int cap() {
    return u32(0);
  }

  /** Sets {@link #cap()}. */
  public KvmEnableCap cap(int value) {
    putU32(0, value);
    return this;
  }

  /** Must be zero. */
  public int flags() {
    return u32(4);
  }

  /** Sets {@link #flags()}. */
  public KvmEnableCap flags(int value) {
    putU32(4, value);
    return this;
  }

  /** Arguments, four words. */
  public long args(int index) {
    return u64(8 + 8L * index);
  }

  /** Sets {@link #args(int)}. */
  public KvmEnableCap args(int index, long value) {
    putU64(8 + 8L * index, value);
    return this;
  }

  /** Creates the request to enable {@code cap} with one argument. */
  public static KvmEnableCap of(int cap, long arg0) {
    return new KvmEnableCap().cap(cap).args(0, arg0);
  }
}
