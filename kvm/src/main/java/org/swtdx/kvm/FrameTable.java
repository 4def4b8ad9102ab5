package org.swtdx.kvm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;

/**
 * The frames behind the pages of one object, each taken from the host when its page is first used.
 * Lookups of present pages take no lock.
 */
final class FrameTable {
  /** No frame. */
  static final long NONE = -1;

  /** Pages of a chunk; with large frames, those that are backed by 2 MiB in one piece. */
  static final int CHUNK = 512;

  private static final int CHUNK_BITS = 9;
  private static final long CHUNK_BYTES = (long) CHUNK * Hpa.PAGE_SIZE;

  /** Entries hold the address with bit 0 set, so that 0 means none. */
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

  private final FrameAllocator frames;
  private final long pages;
  private final boolean large;
  private final FrameChunks chunks;
  private long resident;

  FrameTable(FrameAllocator frames, long pages) {
    this(frames, pages, false);
  }

  /**
   * Creates a table without frames.
   *
   * @param large whether 512 pages are taken at once, as 2 MiB in one piece, as long as the host
   *     has that
   */
  FrameTable(FrameAllocator frames, long pages, boolean large) {
    this.frames = frames;
    this.pages = pages;
    this.large = large;
    chunks = FrameChunks.of((pages + CHUNK - 1) >>> CHUNK_BITS);
  }

  /** Number of pages. */
  long pages() {
    return pages;
  }

  /** Returns the frame of a page, or {@link #NONE} if it has none yet. */
  long lookup(long page) {
    long[] chunk = chunks.get(page >>> CHUNK_BITS);
    long entry = chunk == null ? 0 : (long) ENTRY.getAcquire(chunk, (int) page & CHUNK - 1);
    return entry == 0 ? NONE : entry & ~1L;
  }

  /** Returns the frame of a page, taking one if needed; {@link #NONE} when memory is exhausted. */
  long take(long page) {
    long present = lookup(page);
    return present != NONE ? present : takeSlow(page);
  }

  private synchronized long takeSlow(long page) {
    long index = page >>> CHUNK_BITS;
    long[] chunk = chunks.get(index);
    if (chunk == null) {
      chunk = new long[CHUNK];
      if (large && index + 1 << CHUNK_BITS <= pages) {
        takeInOnePiece(chunk);
      }
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

  /** Fills a new chunk, if the host has 2 MiB in one piece. */
  private void takeInOnePiece(long[] chunk) {
    Optional<Hpa> base = frames.allocateContiguous(CHUNK, CHUNK_BYTES);
    if (base.isEmpty()) {
      return;
    }
    for (int i = 0; i < CHUNK; i++) {
      chunk[i] = base.get().value() + (long) i * Hpa.PAGE_SIZE | 1;
    }
    resident += CHUNK;
  }

  /**
   * The address of the 2 MiB in one piece behind the 512 pages from {@code page} on, or {@link
   * #NONE} if there is no such piece.
   */
  long lookupLarge(long page) {
    if ((page & CHUNK - 1) != 0 || page + CHUNK > pages) {
      return NONE;
    }
    long[] chunk = chunks.get(page >>> CHUNK_BITS);
    long base = lookup(page);
    if (chunk == null || base == NONE || (base & CHUNK_BYTES - 1) != 0) {
      return NONE;
    }
    for (int i = 1; i < CHUNK; i++) {
      if ((long) ENTRY.getAcquire(chunk, i) != (base + (long) i * Hpa.PAGE_SIZE | 1)) {
        return NONE;
      }
    }
    return base;
  }

  /** Gives back the frames of pages {@code from} to {@code to}, exclusive. */
  synchronized void release(long from, long to) {
    release(from, to, _ -> true);
  }

  /** Gives back those frames of a range of pages that {@code which} names by address. */
  synchronized void release(long from, long to, LongPredicate which) {
    for (long page = from; page < to; ) {
      long[] chunk = chunks.get(page >>> CHUNK_BITS);
      if (chunk == null) {
        long next = chunks.next(page >>> CHUNK_BITS);
        page = next == FrameChunks.NONE ? to : next << CHUNK_BITS;
        continue;
      }
      int slot = (int) page & CHUNK - 1;
      if (chunk[slot] != 0 && which.test(chunk[slot] & ~1L)) {
        frames.free(new Hpa(chunk[slot] & ~1L));
        chunk[slot] = 0;
        resident--;
      }
      page++;
      if (large && (page & CHUNK - 1) == 0 && isEmpty(chunk)) {
        chunks.set(page - 1 >>> CHUNK_BITS, null); // can be in one piece the next time
      }
    }
  }

  private static boolean isEmpty(long[] chunk) {
    for (long entry : chunk) {
      if (entry != 0) {
        return false;
      }
    }
    return true;
  }

  /** Number of pages that have a frame. */
  synchronized long resident() {
    return resident;
  }
}
