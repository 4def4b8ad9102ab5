package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** A list of MSR indices. */
public final class KvmMsrList extends Struct {
  /** {@code sizeof(struct kvm_msr_list)} in bytes, entries not counted. */
  public static final int SIZE = 4;

  /** {@code sizeof} one entry in bytes. */
  public static final int ENTRY_SIZE = 4;

  /** Creates a zeroed structure with room for {@code capacity} entries, and nmsrs set to it. */
  public KvmMsrList(int capacity) {
    this(MemorySegment.ofArray(new byte[SIZE + capacity * ENTRY_SIZE]));
    nmsrs(capacity);
  }

  /** Number of entries that the memory behind this structure has room for. */
  public int capacity() {
    return (int) ((segment().byteSize() - SIZE) / ENTRY_SIZE);
  }

  /** Lays the structure over {@code segment}. */
  public KvmMsrList(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Number of indices; on input the capacity. */
  public int nmsrs() {
    return u32(0);
  }

  /** Sets {@link #nmsrs()}. */
  public KvmMsrList nmsrs(int value) {
    putU32(0, value);
    return this;
  }

  /** MSR number {@code index} of the list. */
  public int indices(int index) {
    return u32(4 + 4L * index);
  }

  /** Sets {@link #indices(int)}. */
  public KvmMsrList indices(int index, int value) {
    putU32(4 + 4L * index, value);
    return this;
  }
}
