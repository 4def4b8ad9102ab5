package org.swtdx.kvm;

import java.util.concurrent.atomic.AtomicLongArray;

/** Which pages of a slot were written: one bit per page, as KVM_GET_DIRTY_LOG gives them. */
final class DirtyLog {
  /** What KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 can be enabled with. */
  static final int MANUAL_CAPS = VmOptions.MANUAL_PROTECT | VmOptions.INITIALLY_SET;

  private final AtomicLongArray words;

  /**
   * Creates a log.
   *
   * @param pages pages of the slot
   * @param set whether all are dirty at first
   */
  DirtyLog(long pages, boolean set) {
    words = new AtomicLongArray((int) ((pages + 63) / 64));
    for (int i = 0; set && i < words.length(); i++) {
      long left = pages - 64L * i;
      words.set(i, left >= 64 ? -1 : (1L << left) - 1);
    }
  }

  /** Number of 64-bit words. */
  int length() {
    return words.length();
  }

  void mark(long page) {
    words.accumulateAndGet((int) (page >>> 6), 1L << page, (a, b) -> a | b);
  }

  /** The bits of a word. */
  long word(int index) {
    return words.get(index);
  }

  /** Clears bits of a word; returns those that were set. */
  long clear(int index, long mask) {
    return words.getAndAccumulate(index, mask, (bits, m) -> bits & ~m) & mask;
  }
}
