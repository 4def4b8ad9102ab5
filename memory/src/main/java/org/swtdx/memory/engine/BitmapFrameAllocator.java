package org.swtdx.memory.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;

/**
 * One bit per frame, set while the frame is in use. Single frames are taken from the lowest free
 * address, so that frames which were given back (and have backing) are used again first; contiguous
 * ranges from the top, so that the two don't fragment each other.
 */
final class BitmapFrameAllocator implements FrameAllocator {
  private final ReentrantLock lock = new ReentrantLock();
  private final KeyedMemory memory;
  private final List<Cmr> cmrs;
  private final long[] used;
  private int firstWordWithRoom;
  private long free;
  private long allocated;

  BitmapFrameAllocator(KeyedMemory memory, List<Cmr> cmrs, long top) {
    this.memory = memory;
    this.cmrs = cmrs;
    this.used = new long[Math.toIntExact(((top >>> 12) + 63) >>> 6)];
    Arrays.fill(used, -1);
    for (Cmr cmr : cmrs) {
      long first = Math.max(1, cmr.base().pfn()); // hpa 0 stays unused: it means "none" everywhere
      setRange(first, cmr.end().pfn(), false);
      free += Math.max(0, cmr.end().pfn() - first);
    }
  }

  @Override
  public Optional<Hpa> allocate() {
    Hpa frame;
    lock.lock();
    try {
      while (firstWordWithRoom < used.length && used[firstWordWithRoom] == -1) {
        firstWordWithRoom++;
      }
      if (firstWordWithRoom == used.length) {
        return Optional.empty();
      }
      int bit = Long.numberOfTrailingZeros(~used[firstWordWithRoom]);
      used[firstWordWithRoom] |= 1L << bit;
      account(1);
      frame = new Hpa(((long) firstWordWithRoom << 6 | bit) << 12);
    } finally {
      lock.unlock();
    }
    memory.zero(frame.value(), Hpa.PAGE_SIZE);
    return Optional.of(frame);
  }

  @Override
  public Optional<Hpa> allocateContiguous(long frames, long alignment) {
    if (frames <= 0 || alignment < Hpa.PAGE_SIZE || Long.bitCount(alignment) != 1) {
      throw new IllegalArgumentException(
          "a range has at least one frame and a power-of-two alignment of at least 4 KiB");
    }
    long first = -1;
    lock.lock();
    try {
      for (int i = cmrs.size() - 1; i >= 0 && first < 0; i--) {
        first = highestFreeRange(cmrs.get(i), frames, alignment >>> 12);
      }
      if (first < 0) {
        return Optional.empty();
      }
      setRange(first, first + frames, true);
      account(frames);
    } finally {
      lock.unlock();
    }
    memory.zero(first << 12, frames << 12);
    return Optional.of(new Hpa(first << 12));
  }

  private long highestFreeRange(Cmr cmr, long frames, long alignment) {
    long lowest = Math.max(1, cmr.base().pfn());
    long first = cmr.end().pfn() - frames & -alignment;
    while (first >= lowest) {
      long obstacle = firstUsed(first, first + frames);
      if (obstacle < 0) {
        return first;
      }
      first = obstacle - frames & -alignment;
    }
    return -1;
  }

  /** Returns the first frame of a range that is in use, or -1. */
  private long firstUsed(long from, long to) {
    for (long frame = from; frame < to; ) {
      long rest = used[(int) (frame >>> 6)] >>> frame;
      if (rest != 0) {
        long found = frame + Long.numberOfTrailingZeros(rest);
        return found < to ? found : -1;
      }
      frame = (frame | 63) + 1;
    }
    return -1;
  }

  @Override
  public void free(Hpa frame) {
    freeContiguous(frame, 1);
  }

  @Override
  public void freeContiguous(Hpa base, long frames) {
    long first = base.pfn();
    lock.lock();
    try {
      checkAllocated(base, frames);
      setRange(first, first + frames, false);
      account(-frames);
      firstWordWithRoom = (int) Math.min(firstWordWithRoom, first >>> 6);
    } finally {
      lock.unlock();
    }
  }

  private void checkAllocated(Hpa base, long frames) {
    if ((base.value() & (Hpa.PAGE_SIZE - 1)) != 0 || frames <= 0) {
      throw new IllegalArgumentException("not a range of frames: " + frames + " at " + base);
    }
    for (long frame = base.pfn(); frame < base.pfn() + frames; frame++) {
      if (!isMemory(frame) || (used[(int) (frame >>> 6)] & 1L << frame) == 0) {
        throw new IllegalStateException(new Hpa(frame << 12) + " is not allocated");
      }
    }
  }

  private boolean isMemory(long frame) {
    return frame != 0 && Frames.contains(cmrs, frame << 12);
  }

  private void setRange(long from, long to, boolean inUse) {
    for (long frame = from; frame < to; ) {
      long next = Math.min(to, (frame | 63) + 1);
      long mask = -1L << frame & -1L >>> -next; // shift counts are taken modulo 64
      int word = (int) (frame >>> 6);
      used[word] = inUse ? used[word] | mask : used[word] & ~mask;
      frame = next;
    }
  }

  private void account(long frames) {
    allocated += frames;
    free -= frames;
  }

  @Override
  public long allocatedFrames() {
    lock.lock();
    try {
      return allocated;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long freeFrames() {
    lock.lock();
    try {
      return free;
    } finally {
      lock.unlock();
    }
  }
}
