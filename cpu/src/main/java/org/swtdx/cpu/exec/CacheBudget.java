package org.swtdx.cpu.exec;

import java.lang.ref.Cleaner;

/**
 * How much the cores of this JVM may remember of what they decoded: three eighths of its heap, in
 * equal shares. Guests decide how much they execute, so this is what keeps one from taking all
 * memory.
 */
final class CacheBudget {
  /** What an instruction takes, in bytes. */
  private static final int BYTES = 160;

  /** What a block takes besides, counted as instructions. */
  static final int BLOCK = 3;

  private static final long TOTAL = Runtime.getRuntime().maxMemory() / 8 * 3 / BYTES;
  private static final long LEAST = 2048;
  private static final Cleaner CLEANER = Cleaner.create();

  private static int sharers;

  /** Instructions that each core may keep now. A core may see a change late. */
  private static int share = shareOf(1);

  private CacheBudget() {}

  /** Instructions that each core may keep. */
  static int share() {
    return share;
  }

  /** Counts a cache for as long as anybody refers to it. */
  static void join(Object cache) {
    count(1);
    CLEANER.register(cache, () -> count(-1));
  }

  private static synchronized void count(int change) {
    sharers += change;
    share = shareOf(sharers);
  }

  /** The share of each of some sharers. */
  static int shareOf(int sharers) {
    return (int) Math.clamp(TOTAL / Math.max(1, sharers), LEAST, Integer.MAX_VALUE);
  }
}
