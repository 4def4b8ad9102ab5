package org.swtdx.memory.seam;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Read-modify-write operations wider than what the machine under the JVM offers: operands that
 * cross an aligned eight-byte word (or a page, whose halves then have unrelated native addresses)
 * and the sixteen bytes of CMPXCHG16B.
 *
 * <p>They exclude each other by locks and change each half by an atomic operation of its own, so
 * that no update of another processor's ordinary atomic is ever lost. What a bus lock would do
 * beyond that is not had: a plain load may, for a moment, see one half changed before the other.
 */
public final class SplitLock {
  private static final int STRIPES = 64;
  private static final ReentrantLock[] WIDE = new ReentrantLock[STRIPES];
  private static final ReentrantLock ACROSS = new ReentrantLock();

  static {
    for (int i = 0; i < STRIPES; i++) {
      WIDE[i] = new ReentrantLock();
    }
  }

  private SplitLock() {}

  /**
   * Compares and exchanges an operand in two parts.
   *
   * @param first native address of the operand's low bytes
   * @param firstBytes how many bytes are there, up to the end of an aligned eight-byte word
   * @param second native address of the other bytes, the start of an aligned eight-byte word
   * @param size bytes of the operand: 2, 4 or 8, more than {@code firstBytes}
   * @param expected what must be there
   * @param value what shall be there
   * @return what was there, zero-extended
   */
  public static long compareAndExchange(
      long first, int firstBytes, long second, int size, long expected, long value) {
    int bits = 8 * firstBytes;
    long lowMask = NativeAccess.mask(firstBytes);
    long highMask = NativeAccess.mask(size - firstBytes);
    long word = first & -8;
    int shift = 8 * ((int) first & 7);
    ACROSS.lock();
    try {
      while (true) {
        long low = NativeAccess.load64(word) >>> shift & lowMask;
        long high = NativeAccess.load64(second) & highMask;
        long witness = low | high << bits;
        if (witness != (expected & NativeAccess.mask(size))) {
          return witness;
        }
        if (replace(word, shift, lowMask, low, value, second, highMask, high, value >>> bits)) {
          return witness;
        }
      }
    } finally {
      ACROSS.unlock();
    }
  }

  /**
   * Compares and exchanges the sixteen bytes at an address aligned to sixteen, as CMPXCHG16B does.
   *
   * @param address native address
   * @param expected two elements, low half first; receives what was there
   * @param low new low half
   * @param high new high half
   * @return whether the exchange took place
   */
  public static boolean compareAndExchange16(long address, long[] expected, long low, long high) {
    ReentrantLock lock = WIDE[(int) (address >>> 4) & (STRIPES - 1)];
    lock.lock();
    try {
      while (true) {
        long oldLow = NativeAccess.load64(address);
        long oldHigh = NativeAccess.load64(address + 8);
        if (oldLow != expected[0] || oldHigh != expected[1]) {
          expected[0] = oldLow;
          expected[1] = oldHigh;
          return false;
        }
        if (replace(address, 0, -1, oldLow, low, address + 8, -1, oldHigh, high)) {
          return true;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Replaces both fields, or neither when one of them is no longer what it was. */
  private static boolean replace(
      long word,
      int shift,
      long lowMask,
      long low,
      long newLow,
      long second,
      long highMask,
      long high,
      long newHigh) {
    if (NativeAccess.exchangeBits(word, shift, lowMask, low, newLow) != low) {
      return false;
    }
    if (NativeAccess.exchangeBits(second, 0, highMask, high, newHigh) == high) {
      return true;
    }
    // An ordinary atomic came between. Put the first half back unless it was changed as well.
    NativeAccess.exchangeBits(word, shift, lowMask, newLow, low);
    return false;
  }
}
