package org.swtdx.exec;

import org.swtdx.exec.linux.FileId;
import org.swtdx.exec.linux.Syscall;

/** A file that lent memory is a mapping of, by a descriptor of ours. */
final class LentBacking {
  private final FileId id;
  private final int fd;
  private int ranges;

  /** Takes the descriptor over; it is closed with the last range. */
  LentBacking(FileId id, int fd) {
    this.id = id;
    this.fd = fd;
  }

  FileId id() {
    return id;
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
