package org.swtdx.kvm;

/** A typed client of a guest_memfd. */
public final class GuestMemfd {
  private final GuestMemfdFile file;
  private final int fd;

  GuestMemfd(GuestMemfdFile file, int fd) {
    this.file = file;
    this.fd = fd;
  }

  /** The descriptor. */
  public int fd() {
    return fd;
  }

  GuestMemfdFile file() {
    return file;
  }

  /** Bytes of the file. */
  public long size() {
    return file.size();
  }

  /** fallocate(2), see {@link GuestMemfdFile#fallocate}. */
  public int fallocate(int mode, long offset, long length) {
    return file.fallocate(mode, offset, length);
  }

  /** Bytes backed by a frame. */
  public long residentBytes() {
    return file.residentBytes();
  }
}
