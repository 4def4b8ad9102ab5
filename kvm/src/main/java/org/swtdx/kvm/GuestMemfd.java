package org.swtdx.kvm;

/** A guest_memfd: memory that belongs to one VM and that its user space cannot map. */
public final class GuestMemfd {
  /** The descriptor. */
  public int fd() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of the file. */
  public long size() {
    throw new UnsupportedOperationException();
  }

  /**
   * fallocate(2) with {@code FALLOC_FL_KEEP_SIZE} (1), with or without {@code FALLOC_FL_PUNCH_HOLE}
   * (2): 0 or a negative error number. Punching a hole frees pages and removes them from the guest.
   */
  public int fallocate(int mode, long offset, long length) {
    throw new UnsupportedOperationException();
  }

  /** Bytes backed by a frame. */
  public long residentBytes() {
    throw new UnsupportedOperationException();
  }
}
