package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_INTERRUPT}. */
public final class KvmInterrupt extends Struct {
  /** {@code sizeof(struct kvm_interrupt)} in bytes. */
  public static final int SIZE = 4;

  /** Creates a zeroed structure. */
  public KvmInterrupt() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmInterrupt(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Vector to inject, 0 to 255. */
  public int irq() {
    return u32(0);
  }

  /** Sets {@link #irq()}. */
  public KvmInterrupt irq(int value) {
    putU32(0, value);
    return this;
  }
}
