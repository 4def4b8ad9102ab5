package org.swtdx.kvm;

import java.util.Arrays;

/**
 * Which guest frames are private, as disjoint ranges. Lookups read an immutable snapshot; changes
 * are made under the VM's slots lock.
 */
final class AttributeMap {
  /** Ascending boundaries: frames from element 2n up to element 2n+1, exclusive, are private. */
  private volatile long[] bounds = {};

  /** Whether {@code gfn} is private. */
  boolean isPrivate(long gfn) {
    return (position(bounds, gfn) & 1) != 0;
  }

  /** Number of boundaries at or below {@code gfn}. */
  private static int position(long[] bounds, long gfn) {
    int found = Arrays.binarySearch(bounds, gfn);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /** Whether every frame of a range has attribute {@code priv}. */
  boolean all(long from, long to, boolean priv) {
    long[] b = bounds;
    int at = position(b, from);
    return ((at & 1) != 0) == priv && (at == b.length || b[at] >= to);
  }

  /** Makes frames {@code from} to {@code to}, exclusive, private or shared. */
  void set(long from, long to, boolean priv) {
    long[] old = bounds;
    int below = lower(old, from);
    int above = position(old, to);
    boolean stateBefore = (below & 1) != 0;
    boolean stateAfter = (above & 1) != 0;
    long[] result = new long[below + (old.length - above) + 2];
    System.arraycopy(old, 0, result, 0, below);
    int at = below;
    if (stateBefore != priv) {
      result[at++] = from;
    }
    if (stateAfter != priv) {
      result[at++] = to;
    }
    System.arraycopy(old, above, result, at, old.length - above);
    bounds = Arrays.copyOf(result, at + old.length - above);
  }

  /** Number of boundaries below {@code gfn}. */
  private static int lower(long[] bounds, long gfn) {
    int found = Arrays.binarySearch(bounds, gfn);
    return found >= 0 ? found : -found - 1;
  }
}
