package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_TPR_ACCESS_REPORTING}. */
public final class KvmTprAccessCtl extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 40;

  /** Creates a zeroed structure. */
  public KvmTprAccessCtl() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmTprAccessCtl(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Whether to report; KVM answers with the state before. */
  public int enabled() {
    return u32(0);
  }

  /** Sets {@link #enabled()}. */
  public KvmTprAccessCtl enabled(int value) {
    putU32(0, value);
    return this;
  }

  /** Must be zero. */
  public int flags() {
    return u32(4);
  }

  /** Sets {@link #flags()}. */
  public KvmTprAccessCtl flags(int value) {
    putU32(4, value);
    return this;
  }
}
