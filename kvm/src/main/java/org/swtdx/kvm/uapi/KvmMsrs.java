package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** A list of MSR indices and values. */
public final class KvmMsrs extends Struct {
  /** {@code sizeof(struct kvm_msrs)} in bytes, entries not counted. */
  public static final int SIZE = 8;

  /** {@code sizeof} one entry in bytes. */
  public static final int ENTRY_SIZE = 16;

  /** Creates a zeroed structure with room for {@code capacity} entries, and nmsrs set to it. */
  public KvmMsrs(int capacity) {
    this(MemorySegment.ofArray(new byte[SIZE + capacity * ENTRY_SIZE]));
    nmsrs(capacity);
  }

  /** Number of entries that the memory behind this structure has room for. */
  public int capacity() {
    return (int) ((segment().byteSize() - SIZE) / ENTRY_SIZE);
  }

  /** Lays the structure over {@code segment}. */
  public KvmMsrs(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Number of entries. */
  public int nmsrs() {
    return u32(0);
  }

  /** Sets {@link #nmsrs()}. */
  public KvmMsrs nmsrs(int value) {
    putU32(0, value);
    return this;
  }

  /** MSR of entry {@code index}. */
  public int index(int index) {
    return u32(8 + 16L * index);
  }

  /** Sets {@link #index(int)}. */
  public KvmMsrs index(int index, int value) {
    putU32(8 + 16L * index, value);
    return this;
  }

  /** Value of entry {@code index}. */
  public long data(int index) {
    return u64(16 + 16L * index);
  }

  /** Sets {@link #data(int)}. */
  public KvmMsrs data(int index, long value) {
    putU64(16 + 16L * index, value);
    return this;
  }
}
