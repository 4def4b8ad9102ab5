package org.swtdx.memory.seam;

/** Told when cached translations of a frame to a native address are no longer valid. */
@FunctionalInterface
public interface FrameInvalidation {
  /**
   * The frame at {@code hpaRaw} (4 KiB aligned, no KeyID) changed owner, was written through
   * another key, or became a code frame: drop every translation to it before the next access that
   * follows a synchronizing event. Called from any thread; must not block.
   */
  void invalidate(long hpaRaw);
}
