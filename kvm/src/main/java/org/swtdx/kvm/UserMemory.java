package org.swtdx.kvm;

/**
 * The memory of a process: anonymous mappings whose pages are host frames, taken on first use.
 * Accesses outside mappings report failure, never throw. Thread-safe.
 */
public final class UserMemory {
  /**
   * Maps {@code size} bytes of zeroed memory; returns the user address, or a negative error number.
   */
  public long mmap(long size) {
    throw new UnsupportedOperationException();
  }

  /** Unmaps what {@link #mmap} returned and frees its frames: 0 or -EINVAL. */
  public int munmap(long uaddr) {
    throw new UnsupportedOperationException();
  }

  /**
   * Gives back the frames of whole pages in a range; they read as zeros afterwards (MADV_DONTNEED).
   */
  public int discard(long uaddr, long size) {
    throw new UnsupportedOperationException();
  }

  /** Copies out of the process's memory; false when part of the range is not mapped. */
  public boolean read(long uaddr, byte[] target, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  /** Copies into the process's memory; false when part of the range is not mapped. */
  public boolean write(long uaddr, byte[] source, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  /** Reads 1, 2, 4 or 8 bytes, zero-extended; 0 when not mapped. */
  public long load(long uaddr, int size) {
    throw new UnsupportedOperationException();
  }

  /** Writes the low 1, 2, 4 or 8 bytes of a value; nothing when not mapped. */
  public void store(long uaddr, int size, long value) {
    throw new UnsupportedOperationException();
  }

  /** Bytes mapped. */
  public long mappedBytes() {
    throw new UnsupportedOperationException();
  }

  /** Bytes backed by a frame. */
  public long residentBytes() {
    throw new UnsupportedOperationException();
  }
}
