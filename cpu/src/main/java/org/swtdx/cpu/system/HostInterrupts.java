package org.swtdx.cpu.system;

import java.util.concurrent.atomic.AtomicLongArray;

/** Interrupts that arrived for the host while the guest ran, by vector. Thread-safe. */
final class HostInterrupts {
  private static final int WORDS = 4;

  private final AtomicLongArray pending = new AtomicLongArray(WORDS);

  HostInterrupts() {}

  void post(int vector) {
    pending.getAndUpdate(vector >>> 6 & WORDS - 1, word -> word | 1L << vector);
  }

  boolean isEmpty() {
    for (int i = 0; i < WORDS; i++) {
      if (pending.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Takes the highest vector, or returns -1. */
  int take() {
    for (int i = WORDS - 1; i >= 0; i--) {
      long word = pending.get(i);
      if (word != 0) {
        int bit = 63 - Long.numberOfLeadingZeros(word);
        pending.getAndUpdate(i, w -> w & ~(1L << bit));
        return i << 6 | bit;
      }
    }
    return -1;
  }
}
