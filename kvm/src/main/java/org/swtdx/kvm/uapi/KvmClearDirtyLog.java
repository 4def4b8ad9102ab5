package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_CLEAR_DIRTY_LOG}. */
public final class KvmClearDirtyLog extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 24;

  /** Creates a zeroed structure. */
  public KvmClearDirtyLog() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmClearDirtyLog(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Slot number. */
  public int slot() {
    return u32(0);
  }

  /** Sets {@link #slot()}. */
  public KvmClearDirtyLog slot(int value) {
    putU32(0, value);
    return this;
  }

  /** Number of pages. */
  public int numPages() {
    return u32(4);
  }

  /** Sets {@link #numPages()}. */
  public KvmClearDirtyLog numPages(int value) {
    putU32(4, value);
    return this;
  }

  /** First page of the slot. */
  public long firstPage() {
    return u64(8);
  }

  /** Sets {@link #firstPage()}. */
  public KvmClearDirtyLog firstPage(long value) {
    putU64(8, value);
    return this;
  }

  /** User address of the bitmap, one bit per page. */
  public long dirtyBitmap() {
    return u64(16);
  }

  /** Sets {@link #dirtyBitmap()}. */
  public KvmClearDirtyLog dirtyBitmap(long value) {
    putU64(16, value);
    return this;
  }
}
