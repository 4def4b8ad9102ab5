package org.swtdx.tdxmodule.sept;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** One Secure EPT page: 512 entries of one level, and the pages that non-leaf entries refer to. */
final class SeptPage {
  static final int ENTRIES = 512;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle CHILD = MethodHandles.arrayElementVarHandle(SeptPage[].class);

  private final long hpa;
  private final int level;
  private final long[] words = new long[ENTRIES];
  private final @Nullable SeptPage @Nullable [] children;

  /**
   * A page of free entries.
   *
   * @param hpa where the host gave it
   * @param level of its entries: 0 maps 4 KiB
   */
  SeptPage(long hpa, int level) {
    this.hpa = hpa;
    this.level = level;
    children = level == 0 ? null : new SeptPage[ENTRIES];
    java.util.Arrays.fill(words, SeptEntry.FREE_WORD);
  }

  long hpa() {
    return hpa;
  }

  int level() {
    return level;
  }

  long get(int index) {
    return (long) WORD.getAcquire(words, index);
  }

  boolean compareAndSet(int index, long expected, long word) {
    return WORD.compareAndSet(words, index, expected, word);
  }

  @Nullable SeptPage child(int index) {
    return children == null ? null : (SeptPage) CHILD.getAcquire(children, index);
  }

  void setChild(int index, @Nullable SeptPage page) {
    CHILD.setRelease(children, index, page);
  }

  boolean allFree() {
    for (int i = 0; i < ENTRIES; i++) {
      if (SeptState.of(get(i)) != SeptState.FREE) {
        return false;
      }
    }
    return true;
  }

  static int index(long gpa, int level) {
    return (int) (gpa >>> 12 + 9 * level) & ENTRIES - 1;
  }
}
