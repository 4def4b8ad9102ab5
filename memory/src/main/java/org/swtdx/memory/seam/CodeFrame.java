package org.swtdx.memory.seam;

/**
 * The generation of a frame that decoded code was taken from. A cached block holds the generation
 * it was decoded at and is stale when the numbers differ. Plain field: readers tolerate the delay
 * that the architecture grants to cross-modifying code.
 */
public final class CodeFrame {
  /** Counts the writes that hit this frame while it was marked as code. */
  public int generation;

  /**
   * Whether programs outside have the frame mapped: their stores do not count here, and a cached
   * block has to look at its bytes again after each point where it must notice them. As of the last
   * {@link PhysicalBus#codeFrame}.
   */
  public boolean lent;
}
