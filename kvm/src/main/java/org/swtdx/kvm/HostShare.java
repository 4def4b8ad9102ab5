package org.swtdx.kvm;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;

/**
 * What one user of the host may take of that which all have in common, and has taken: frames and
 * KeyIDs. Processes of one user name the same share. Thread-safe.
 */
public final class HostShare {
  private final long maxFrames;
  private final int maxKeyIds;
  private final AtomicLong frames = new AtomicLong();
  private final AtomicInteger keyIds = new AtomicInteger();

  /**
   * A share with nothing taken.
   *
   * @param maxFrames 4 KiB frames at most: a further one is as if memory were exhausted
   * @param maxKeyIds private KeyIDs at most: a further one is as if none were left
   */
  public HostShare(long maxFrames, int maxKeyIds) {
    this.maxFrames = maxFrames;
    this.maxKeyIds = maxKeyIds;
  }

  /** A share without bounds of its own. */
  public static HostShare unbounded() {
    return new HostShare(Long.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** Frames taken and not given back. */
  public long frames() {
    return frames.get();
  }

  /** KeyIDs taken and not given back. */
  public int keyIds() {
    return keyIds.get();
  }

  boolean takeKeyId() {
    return keyIds.getAndUpdate(taken -> taken < maxKeyIds ? taken + 1 : taken) < maxKeyIds;
  }

  void releaseKeyId() {
    keyIds.decrementAndGet();
  }

  private boolean takeFrames(long count) {
    if (frames.addAndGet(count) <= maxFrames) {
      return true;
    }
    frames.addAndGet(-count);
    return false;
  }

  /** The host's allocator with what it hands out accounted for here. */
  FrameAllocator of(FrameAllocator host) {
    return new Accounted(host);
  }

  private final class Accounted implements FrameAllocator {
    private final FrameAllocator host;

    Accounted(FrameAllocator host) {
      this.host = host;
    }

    @Override
    public Optional<Hpa> allocate() {
      return takeFrames(1) ? accounted(1, host.allocate()) : Optional.empty();
    }

    @Override
    public Optional<Hpa> allocateContiguous(long count, long alignment) {
      return takeFrames(count)
          ? accounted(count, host.allocateContiguous(count, alignment))
          : Optional.empty();
    }

    private Optional<Hpa> accounted(long count, Optional<Hpa> given) {
      if (given.isEmpty()) {
        frames.addAndGet(-count);
      }
      return given;
    }

    @Override
    public void free(Hpa frame) {
      host.free(frame);
      frames.decrementAndGet();
    }

    @Override
    public void freeContiguous(Hpa base, long count) {
      host.freeContiguous(base, count);
      frames.addAndGet(-count);
    }

    @Override
    public long allocatedFrames() {
      return frames.get();
    }

    @Override
    public long freeFrames() {
      return Math.min(host.freeFrames(), Math.max(0, maxFrames - frames.get()));
    }
  }
}
