package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_GET_DIRTY_LOG}. */
public final class KvmDirtyLog extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 16;

  /** Creates a zeroed structure. */
  public KvmDirtyLog() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmDirtyLog(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Slot number. */
  public int slot() {
    return u32(0);
  }

  /** Sets {@link #slot()}. */
  public KvmDirtyLog slot(int value) {
    putU32(0, value);
    return this;
  }

  /** User address of the bitmap, one bit per page. */
  public long dirtyBitmap() {
    return u64(8);
  }

  /** Sets {@link #dirtyBitmap()}. */
  public KvmDirtyLog dirtyBitmap(long value) {
    putU64(8, value);
    return this;
  }
}
