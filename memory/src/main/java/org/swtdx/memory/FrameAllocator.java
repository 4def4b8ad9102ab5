package org.swtdx.memory;

import java.util.Optional;

/**
 * The host kernel's page allocator: hands out frames of convertible memory and accounts for each,
 * so that a leak has a number. Thread-safe.
 */
public interface FrameAllocator {
  /** Takes one 4 KiB frame, zeroed as seen by the host; empty when memory is exhausted. */
  Optional<Hpa> allocate();

  /** Takes {@code frames} contiguous frames aligned to {@code alignment} bytes. */
  Optional<Hpa> allocateContiguous(long frames, long alignment);

  /**
   * Gives back one frame.
   *
   * @throws IllegalStateException when the frame is not allocated (a double free)
   */
  void free(Hpa frame);

  /** Gives back a range taken with {@link #allocateContiguous}. */
  void freeContiguous(Hpa base, long frames);

  /** Frames handed out and not yet given back. */
  long allocatedFrames();

  /** Frames that can still be handed out. */
  long freeFrames();
}
