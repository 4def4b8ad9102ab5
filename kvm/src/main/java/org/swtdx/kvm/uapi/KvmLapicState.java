package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Registers of a local APIC in xAPIC layout. */
public final class KvmLapicState extends Struct {
  /** {@code sizeof(struct kvm_lapic_state)} in bytes. */
  public static final int SIZE = 1024;

  /** Creates a zeroed structure. */
  public KvmLapicState() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmLapicState(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** The register at byte {@code 16 * index}. */
  public int reg(int index) {
    return u32(0 + 16L * index);
  }

  /** Sets {@link #reg(int)}. */
  public KvmLapicState reg(int index, int value) {
    putU32(0 + 16L * index, value);
    return this;
  }
}
