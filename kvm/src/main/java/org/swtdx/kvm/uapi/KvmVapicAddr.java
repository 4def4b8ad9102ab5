package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SET_VAPIC_ADDR}: one 64-bit word. */
public final class KvmVapicAddr extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 8;

  /** Creates a zeroed structure. */
  public KvmVapicAddr() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmVapicAddr(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Guest physical address. */
  public long vapicAddr() {
    return u64(0);
  }

  /** Sets {@link #vapicAddr()}. */
  public KvmVapicAddr vapicAddr(long value) {
    putU64(0, value);
    return this;
  }
}
