package org.swtdx.kvm;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of a slot were written: one bit per page, as KVM_GET_DIRTY_LOG gives them. The words
 * are in chunks for 1 GiB of guest memory each, which exist from the first change on.
 */
final class DirtyLog {
  /** What KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 can be enabled with. */
  static final int MANUAL_CAPS = VmOptions.MANUAL_PROTECT | VmOptions.INITIALLY_SET;

  /** Words of a chunk. */
  static final int CHUNK = 4096;

  private final AtomicReferenceArray<@Nullable AtomicLongArray> chunks;
  private final long pages;
  private final boolean set;

  /**
   * Creates a log.
   *
   * @param pages pages of the slot
   * @param set whether all are dirty at first
   */
  DirtyLog(long pages, boolean set) {
    this.pages = pages;
    this.set = set;
    chunks = new AtomicReferenceArray<>((length() + CHUNK - 1) / CHUNK);
  }

  /** Number of 64-bit words. */
  int length() {
    return (int) ((pages + 63) / 64);
  }

  /** Whether all words of the chunk that begins with word {@code first} are 0. */
  boolean isEmpty(int first) {
    return !set && chunks.get(first / CHUNK) == null;
  }

  /** How much of the log there is in memory, in words. */
  int allocated() {
    int words = 0;
    for (int i = 0; i < chunks.length(); i++) {
      AtomicLongArray chunk = chunks.get(i);
      words += chunk == null ? 0 : chunk.length();
    }
    return words;
  }

  void mark(long page) {
    int index = (int) (page >>> 6);
    if (set && chunks.get(index / CHUNK) == null) {
      return; // is set
    }
    chunk(index).accumulateAndGet(index % CHUNK, 1L << page, (a, b) -> a | b);
  }

  /** The bits of a word. */
  long word(int index) {
    AtomicLongArray chunk = chunks.get(index / CHUNK);
    return chunk == null ? initial(index) : chunk.get(index % CHUNK);
  }

  /** Clears bits of a word; returns those that were set. */
  long clear(int index, long mask) {
    if ((word(index) & mask) == 0) {
      return 0;
    }
    return chunk(index).getAndAccumulate(index % CHUNK, mask, (bits, m) -> bits & ~m) & mask;
  }

  private long initial(int index) {
    long left = pages - 64L * index;
    return !set ? 0 : left >= 64 ? -1 : (1L << left) - 1;
  }

  private AtomicLongArray chunk(int index) {
    int number = index / CHUNK;
    AtomicLongArray chunk = chunks.get(number);
    if (chunk != null) {
      return chunk;
    }
    int first = number * CHUNK;
    long[] words = new long[Math.min(CHUNK, length() - first)];
    for (int i = 0; set && i < words.length; i++) {
      words[i] = initial(first + i);
    }
    AtomicLongArray made = new AtomicLongArray(words);
    AtomicLongArray other = chunks.compareAndExchange(number, null, made);
    return other == null ? made : other;
  }
}
