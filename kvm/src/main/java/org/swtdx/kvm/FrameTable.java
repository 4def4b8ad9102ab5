package org.swtdx.kvm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;

/**
 * The frames behind the pages of one object, each taken from the host when its page is first used.
 * Lookups of present pages take no lock.
 */
final class FrameTable {
  /** No frame. */
  static final long NONE = -1;

  private static final int CHUNK_BITS = 9;
  private static final int CHUNK = 1 << CHUNK_BITS;

  /** Entries hold the address with bit 0 set, so that 0 means none. */
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

  private final FrameAllocator frames;
  private final long pages;
  private final AtomicReferenceArray<long @Nullable []> chunks;
  private long resident;

  FrameTable(FrameAllocator frames, long pages) {
    this.frames = frames;
    this.pages = pages;
    chunks = new AtomicReferenceArray<>((int) ((pages + CHUNK - 1) >>> CHUNK_BITS));
  }

  /** Number of pages. */
  long pages() {
    return pages;
  }

  /** Returns the frame of a page, or {@link #NONE} if it has none yet. */
  long lookup(long page) {
    long[] chunk = chunks.get((int) (page >>> CHUNK_BITS));
    long entry = chunk == null ? 0 : (long) ENTRY.getAcquire(chunk, (int) page & CHUNK - 1);
    return entry == 0 ? NONE : entry & ~1L;
  }

  /** Returns the frame of a page, taking one if needed; {@link #NONE} when memory is exhausted. */
  long take(long page) {
    long present = lookup(page);
    return present != NONE ? present : takeSlow(page);
  }

  private synchronized long takeSlow(long page) {
    int index = (int) (page >>> CHUNK_BITS);
    long[] chunk = chunks.get(index);
    if (chunk == null) {
      chunk = new long[CHUNK];
      chunks.set(index, chunk);
    }
    int slot = (int) page & CHUNK - 1;
    if (chunk[slot] == 0) {
      Optional<Hpa> frame = frames.allocate();
      if (frame.isEmpty()) {
        return NONE;
      }
      ENTRY.setRelease(chunk, slot, frame.get().value() | 1);
      resident++;
    }
    return chunk[slot] & ~1L;
  }

  /** Gives back the frames of pages {@code from} to {@code to}, exclusive. */
  synchronized void release(long from, long to) {
    release(from, to, _ -> true);
  }

  /** Gives back those frames of a range of pages that {@code which} names by address. */
  synchronized void release(long from, long to, LongPredicate which) {
    for (long page = from; page < to; ) {
      long[] chunk = chunks.get((int) (page >>> CHUNK_BITS));
      if (chunk == null) {
        page = (page | CHUNK - 1) + 1;
        continue;
      }
      int slot = (int) page & CHUNK - 1;
      if (chunk[slot] != 0 && which.test(chunk[slot] & ~1L)) {
        frames.free(new Hpa(chunk[slot] & ~1L));
        chunk[slot] = 0;
        resident--;
      }
      page++;
    }
  }

  /** Number of pages that have a frame. */
  synchronized long resident() {
    return resident;
  }
}
