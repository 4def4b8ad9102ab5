package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SET_SIGNAL_MASK}, without the set that follows. */
public final class KvmSignalMask extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 4;

  /** Creates a zeroed structure. */
  public KvmSignalMask() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmSignalMask(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Bytes of the set that follows; must be 8. */
  public int len() {
    return u32(0);
  }

  /** Sets {@link #len()}. */
  public KvmSignalMask len(int value) {
    putU32(0, value);
    return this;
  }
}
