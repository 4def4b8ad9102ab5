package org.swtdx.kvm;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a {@link FrameTable} by number. Objects of terabytes, which are sparse if they are
 * anything, cost what is in them. Lookups take no lock; one thread at a time makes changes.
 */
sealed interface FrameChunks {
  /** No chunk follows. */
  long NONE = -1;

  /** Chunks that a plain array is made for: those of 512 GiB. */
  int DENSE = 1 << 18;

  /** Room for {@code count} chunks, none of them there. */
  static FrameChunks of(long count) {
    return count <= DENSE ? new Dense((int) count) : new Sparse();
  }

  /** A chunk, or null. */
  long @Nullable [] get(long index);

  /** Sets or, with null, removes a chunk. */
  void set(long index, long @Nullable [] chunk);

  /** The number of the first chunk from {@code index} on that is there, or {@link #NONE}. */
  long next(long index);

  /** An array as long as the object. */
  final class Dense implements FrameChunks {
    private final AtomicReferenceArray<long @Nullable []> chunks;

    private Dense(int count) {
      chunks = new AtomicReferenceArray<>(count);
    }

    @Override
    public long @Nullable [] get(long index) {
      return chunks.get((int) index);
    }

    @Override
    public void set(long index, long @Nullable [] chunk) {
      chunks.set((int) index, chunk);
    }

    @Override
    public long next(long index) {
      for (int i = (int) Math.min(index, chunks.length()); i < chunks.length(); i++) {
        if (chunks.get(i) != null) {
          return i;
        }
      }
      return NONE;
    }
  }

  /** A map. */
  final class Sparse implements FrameChunks {
    private final ConcurrentSkipListMap<Long, long[]> chunks = new ConcurrentSkipListMap<>();

    private Sparse() {}

    @Override
    public long @Nullable [] get(long index) {
      return chunks.get(index);
    }

    @Override
    public void set(long index, long @Nullable [] chunk) {
      if (chunk == null) {
        chunks.remove(index);
      } else {
        chunks.put(index, chunk);
      }
    }

    @Override
    public long next(long index) {
      Map.@Nullable Entry<Long, long[]> found = chunks.ceilingEntry(index);
      return found == null ? NONE : found.getKey();
    }
  }
}
