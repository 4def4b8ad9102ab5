package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Extended control registers. */
public final class KvmXcrs extends Struct {
  /** {@code sizeof(struct kvm_xcrs)} in bytes. */
  public static final int SIZE = 392;

  /** Creates a zeroed structure. */
  public KvmXcrs() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmXcrs(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Number of entries. */
  public int nrXcrs() {
    return u32(0);
  }

  /** Sets {@link #nrXcrs()}. */
  public KvmXcrs nrXcrs(int value) {
    putU32(0, value);
    return this;
  }

  /** Must be zero. */
  public int flags() {
    return u32(4);
  }

  /** Sets {@link #flags()}. */
  public KvmXcrs flags(int value) {
    putU32(4, value);
    return this;
  }

  /** Register number of entry {@code index}. */
  public int xcr(int index) {
    return u32(8 + 16L * index);
  }

  /** Sets {@link #xcr(int)}. */
  public KvmXcrs xcr(int index, int value) {
    putU32(8 + 16L * index, value);
    return this;
  }

  /** Value of entry {@code index}. */
  public long value(int index) {
    return u64(16 + 16L * index);
  }

  /** Sets {@link #value(int)}. */
  public KvmXcrs value(int index, long value) {
    putU64(16 + 16L * index, value);
    return this;
  }
}
