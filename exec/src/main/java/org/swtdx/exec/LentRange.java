package org.swtdx.exec;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLongArray;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalMemory;

/**
 * Lent memory of a process: addresses where it has a file mapped. Its frames are taken when they
 * are first used, a chunk at a time.
 */
final class LentRange {
  /** No frame. */
  static final long NO_FRAME = -1;

  private static final long SMALLEST_CHUNK = 2 << 20;
  private static final int MOST_CHUNKS = 1024;

  private final LentBacking backing;
  private final PhysicalMemory memory;
  private final long start;
  private final long end;
  private final long offset;
  private final long chunk;
  private final AtomicLongArray chunks;
  private boolean ended;

  /**
   * Lends nothing yet.
   *
   * @param backing the file
   * @param offset where {@code start} is in the file
   */
  LentRange(PhysicalMemory memory, LentBacking backing, long start, long end, long offset) {
    this.memory = memory;
    this.backing = backing;
    this.start = start;
    this.end = end;
    this.offset = offset;
    long even = Long.highestOneBit(Math.max(1, (end - start) / MOST_CHUNKS)) << 1;
    chunk = Math.max(SMALLEST_CHUNK, even);
    chunks = new AtomicLongArray((int) ((end - start + chunk - 1) / chunk));
    for (int i = 0; i < chunks.length(); i++) {
      chunks.set(i, NO_FRAME);
    }
  }

  LentBacking backing() {
    return backing;
  }

  long end() {
    return end;
  }

  /** Where the file would be at address 0. */
  long origin() {
    return offset - start;
  }

  /** The frame behind an address of the range, or NO_FRAME when there is no room for it. */
  long frame(long uaddr) {
    int index = (int) ((uaddr - start) / chunk);
    long first = chunks.get(index);
    if (first == NO_FRAME) {
      first = attach(index);
    }
    long within = (uaddr & -Hpa.PAGE_SIZE) - start - index * chunk;
    return first == NO_FRAME ? NO_FRAME : first + within;
  }

  private synchronized long attach(int index) {
    if (ended || chunks.get(index) != NO_FRAME) {
      return chunks.get(index);
    }
    try {
      long at = index * chunk;
      boolean shared = backing.key().writable();
      chunks.set(index, memory.attach(backing.fd(), offset + at, size(index), shared).value());
    } catch (IOException e) {
      Messages.warn("guest memory at %#x: %s".formatted(start, e.getMessage()));
    }
    return chunks.get(index);
  }

  private long size(int index) {
    return Math.min(chunk, end - start - index * chunk);
  }

  /** Gives the frames back; nobody uses them any more. */
  synchronized void release() {
    ended = true;
    for (int i = 0; i < chunks.length(); i++) {
      long first = chunks.getAndSet(i, NO_FRAME);
      if (first != NO_FRAME) {
        memory.detach(new Hpa(first), size(i));
      }
    }
  }
}
