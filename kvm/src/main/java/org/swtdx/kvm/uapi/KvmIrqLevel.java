package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_IRQ_LINE}. */
public final class KvmIrqLevel extends Struct {
  /** {@code sizeof(struct kvm_irq_level)} in bytes. */
  public static final int SIZE = 8;

  /** Creates a zeroed structure. */
  public KvmIrqLevel() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmIrqLevel(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** GSI. */
  public int irq() {
    return u32(0);
  }

  /** Sets {@link #irq()}. */
  public KvmIrqLevel irq(int value) {
    putU32(0, value);
    return this;
  }

  /** New level. */
  public int level() {
    return u32(4);
  }

  /** Sets {@link #level()}. */
  public KvmIrqLevel level(int value) {
    putU32(4, value);
    return this;
  }
}
