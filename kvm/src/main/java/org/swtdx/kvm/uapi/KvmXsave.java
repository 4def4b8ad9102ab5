package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** XSAVE image of {@code KVM_GET_XSAVE}. */
public final class KvmXsave extends Struct {
  /** {@code sizeof(struct kvm_xsave)} in bytes. */
  public static final int SIZE = 4096;

  /** Creates a zeroed structure. */
  public KvmXsave() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmXsave(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Word {@code index} of the image. */
  public int region(int index) {
    return u32(0 + 4L * index);
  }

  /** Sets {@link #region(int)}. */
  public KvmXsave region(int index, int value) {
    putU32(0 + 4L * index, value);
    return this;
  }
}
