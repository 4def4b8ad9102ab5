package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_MEMORY_ENCRYPT_REG_REGION}. */
public final class KvmEncRegion extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 16;

  /** Creates a zeroed structure. */
  public KvmEncRegion() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmEncRegion(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** User address. */
  public long addr() {
    return u64(0);
  }

  /** Sets {@link #addr()}. */
  public KvmEncRegion addr(long value) {
    putU64(0, value);
    return this;
  }

  /** Bytes. */
  public long size() {
    return u64(8);
  }

  /** Sets {@link #size()}. */
  public KvmEncRegion size(long value) {
    putU64(8, value);
    return this;
  }
}
