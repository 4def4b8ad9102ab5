package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_REINJECT_CONTROL}. */
public final class KvmReinjectControl extends Struct {
  /** {@code sizeof(struct kvm_reinject_control)} in bytes. */
  public static final int SIZE = 32;

  /** Creates a zeroed structure. */
  public KvmReinjectControl() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmReinjectControl(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Whether ticks of the timer that were missed are delivered later. */
  public int pitReinject() {
    return u8(0);
  }

  /** Sets {@link #pitReinject()}. */
  public KvmReinjectControl pitReinject(int value) {
    putU8(0, value);
    return this;
  }
}
