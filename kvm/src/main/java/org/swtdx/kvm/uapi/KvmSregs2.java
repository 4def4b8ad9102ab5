package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_GET_SREGS2}; its first 280 bytes are those of {@link KvmSregs}. */
public final class KvmSregs2 extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 320;

  /** Creates a zeroed structure. */
  public KvmSregs2() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmSregs2(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Bit 0: the PDPTEs below are valid. */
  public long flags() {
    return u64(280);
  }

  /** Sets {@link #flags()}. */
  public KvmSregs2 flags(long value) {
    putU64(280, value);
    return this;
  }

  /** PDPTE {@code index}. */
  public long pdptrs(int index) {
    return u64(288 + 8L * index);
  }

  /** Sets {@link #pdptrs(int)}. */
  public KvmSregs2 pdptrs(int index, long value) {
    putU64(288 + 8L * index, value);
    return this;
  }

  /** The PDPTEs are valid. */
  public static final int PDPTRS_VALID = 1;
}
