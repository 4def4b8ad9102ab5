package org.swtdx.exec;

import org.swtdx.exec.linux.FileId;
import org.swtdx.exec.linux.Syscall;

/** A file that lent memory is a mapping of, by a descriptor of ours. */
final class LentBacking {
  /**
   * What a backing is found by.
   *
   * @param file as mappings tell
   * @param writable whether the program may write it; else what a guest writes there stays with us
   */
  record Key(FileId file, boolean writable) {}

  private final Key key;
  private final int fd;
  private int ranges;

  /** Takes the descriptor over; it is closed with the last range. */
  LentBacking(Key key, int fd) {
    this.key = key;
    this.fd = fd;
  }

  Key key() {
    return key;
  }

  int fd() {
    return fd;
  }

  void addRange() {
    ranges++;
  }

  /** Counts a range less; whether it was the last. */
  boolean dropRange() {
    ranges--;
    if (ranges == 0) {
      Syscall.call(Syscall.CLOSE, fd);
    }
    return ranges == 0;
  }
}
