package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_IRQFD}. */
public final class KvmIrqfd extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 32;

  /** Creates a zeroed structure. */
  public KvmIrqfd() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmIrqfd(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** The eventfd that raises the interrupt. */
  public int fd() {
    return u32(0);
  }

  /** Sets {@link #fd()}. */
  public KvmIrqfd fd(int value) {
    putU32(0, value);
    return this;
  }

  /** GSI to raise. */
  public int gsi() {
    return u32(4);
  }

  /** Sets {@link #gsi()}. */
  public KvmIrqfd gsi(int value) {
    putU32(4, value);
    return this;
  }

  /** {@link #DEASSIGN}, {@link #RESAMPLE}. */
  public int flags() {
    return u32(8);
  }

  /** Sets {@link #flags()}. */
  public KvmIrqfd flags(int value) {
    putU32(8, value);
    return this;
  }

  /** The eventfd to signal when the interrupt was acknowledged. */
  public int resamplefd() {
    return u32(12);
  }

  /** Sets {@link #resamplefd()}. */
  public KvmIrqfd resamplefd(int value) {
    putU32(12, value);
    return this;
  }

  /** Undo. */
  public static final int DEASSIGN = 1;

  /** A level-triggered interrupt. */
  public static final int RESAMPLE = 2;
}
