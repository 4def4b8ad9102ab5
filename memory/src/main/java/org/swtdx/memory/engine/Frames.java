package org.swtdx.memory.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.seam.CodeFrame;

/**
 * What is known about each frame, in chunks of 2 MiB that come into being at their first use. One
 * 64-bit word per frame holds the owner and the flags below; it is read without a lock and written
 * under the chunk's.
 */
final class Frames {
  /** The owner: KeyID in bits 15:0 and its key's generation in bits 47:16; KeyID 0 is plain 0. */
  static final long DOMAIN = (1L << 48) - 1;

  /** The frame's lines have owners of their own, or its owner is just changing. */
  static final long MIXED = 1L << 48;

  /** The frame may hold something else than zeros. */
  static final long TOUCHED = 1L << 49;

  /** The frame is a marked code frame. */
  static final long CODE = 1L << 50;

  /** A native address to read the frame was handed out since the last invalidation. */
  static final long MAPPED = 1L << 51;

  /** A native address to write the frame was handed out since the last invalidation. */
  static final long MAPPED_FOR_WRITE = 1L << 52;

  /** There is no memory. */
  static final long ABSENT = 1L << 53;

  /** Programs outside have the frame mapped; their stores are not seen. */
  static final long LENT = 1L << 54;

  /** Equal to a domain exactly when all of the frame belongs to that domain. */
  static final long OWNER = DOMAIN | MIXED | ABSENT;

  static final int CHUNK_SHIFT = 21;
  static final int FRAMES_PER_CHUNK = 512;
  static final int LINE_SIZE = 64;
  static final int LINES_PER_FRAME = Hpa.PAGE_SIZE / LINE_SIZE;

  private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(Chunk[].class);

  private final @Nullable Chunk[] chunks;
  private final Chunk absent;
  private final List<Cmr> cmrs;

  Frames(List<Cmr> cmrs, long top) {
    this.cmrs = cmrs;
    this.chunks = new Chunk[Math.toIntExact((top + (1L << CHUNK_SHIFT) - 1) >>> CHUNK_SHIFT)];
    this.absent = new Chunk(-1);
    Arrays.fill(absent.states, ABSENT);
  }

  /** Returns the chunk that holds {@code hpaRaw}; one without memory when there is none. */
  Chunk chunk(long hpaRaw) {
    long index = hpaRaw >>> CHUNK_SHIFT;
    if (index >= chunks.length) {
      return absent;
    }
    Chunk chunk = (Chunk) CHUNKS.getAcquire(chunks, (int) index);
    return chunk != null ? chunk : create((int) index);
  }

  private Chunk create(int index) {
    Chunk chunk = new Chunk((long) index << CHUNK_SHIFT);
    for (int frame = 0; frame < FRAMES_PER_CHUNK; frame++) {
      if (!contains(cmrs, chunk.hpa(frame))) {
        chunk.states[frame] = ABSENT;
      }
    }
    Chunk other = (Chunk) CHUNKS.compareAndExchange(chunks, index, (Chunk) null, chunk);
    return other != null ? other : chunk;
  }

  /** Whether there is memory at an address. */
  static boolean contains(List<Cmr> cmrs, long hpaRaw) {
    for (Cmr cmr : cmrs) {
      if (hpaRaw >= cmr.base().value() && hpaRaw < cmr.base().value() + cmr.size()) {
        return true;
      }
    }
    return false;
  }

  /** Number of chunks that the address space has room for. */
  int chunkCount() {
    return chunks.length;
  }

  /** Returns a chunk by its index, or null when nothing in it was used so far. */
  @Nullable Chunk existing(int index) {
    return (Chunk) CHUNKS.getAcquire(chunks, index);
  }

  /** Returns the index within its chunk of the frame that holds {@code hpaRaw}. */
  static int frameIndex(long hpaRaw) {
    return (int) (hpaRaw >>> 12) & (FRAMES_PER_CHUNK - 1);
  }

  /** Returns the index within its frame of the line that holds {@code hpaRaw}. */
  static int lineIndex(long hpaRaw) {
    return (int) (hpaRaw >>> 6) & (LINES_PER_FRAME - 1);
  }

  /** 512 frames and the lock under which what is known about them changes. */
  static final class Chunk {
    private static final VarHandle STATES = MethodHandles.arrayElementVarHandle(long[].class);

    /** Taken alone, or with chunks of higher addresses taken after it; never while waiting. */
    final ReentrantLock lock = new ReentrantLock();

    private final long base;
    private final long[] states = new long[FRAMES_PER_CHUNK];
    private long @Nullable [] @Nullable [] lines;
    private @Nullable CodeFrame @Nullable [] code;

    private Chunk(long base) {
      this.base = base;
    }

    /** Physical address of the frame at {@code index}. */
    long hpa(int index) {
      return base + (long) index * Hpa.PAGE_SIZE;
    }

    long state(int index) {
      return (long) STATES.getAcquire(states, index);
    }

    /** Sets a frame's state for all threads before anything that follows; under the lock. */
    void setState(int index, long state) {
      STATES.setVolatile(states, index, state);
    }

    /** The owners of a mixed frame's lines, at first all of them {@code owner}; under the lock. */
    long[] lines(int index, long owner) {
      long[] @Nullable [] all = lines;
      if (all == null) {
        all = new long[FRAMES_PER_CHUNK][];
        lines = all;
      }
      long[] owners = all[index];
      if (owners == null) {
        owners = new long[LINES_PER_FRAME];
        Arrays.fill(owners, owner);
        all[index] = owners;
      }
      return owners;
    }

    /** Forgets the lines of a frame that is whole again; under the lock. */
    void dropLines(int index) {
      long[] @Nullable [] all = lines;
      if (all != null) {
        all[index] = null;
      }
    }

    /** The frame's code generation counter, the same object for ever; under the lock. */
    CodeFrame codeFrame(int index) {
      @Nullable CodeFrame[] all = code;
      if (all == null) {
        all = new CodeFrame[FRAMES_PER_CHUNK];
        code = all;
      }
      CodeFrame frame = all[index];
      if (frame == null) {
        frame = new CodeFrame();
        all[index] = frame;
      }
      return frame;
    }
  }
}
