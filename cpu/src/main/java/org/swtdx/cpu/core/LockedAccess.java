package org.swtdx.cpu.core;

import java.util.concurrent.locks.ReentrantLock;
import org.swtdx.memory.seam.NativeAccess;

/**
 * Atomic read-modify-write accesses. Those inside an aligned quadword are one hardware
 * compare-and-exchange; wider and split ones take the bus lock, which orders them among themselves.
 */
final class LockedAccess {
  private static final ReentrantLock BUS_LOCK = new ReentrantLock();

  private LockedAccess() {}

  static long compareExchange(Core core, long linear, int size, long expected, long value) {
    core.probeWrite(linear, size);
    int inQuadword = (int) linear & 7;
    long address =
        inQuadword + size <= 8
            ? core.memory.nativeAddress(core, linear, true)
            : MemoryPort.NO_NATIVE;
    if (address == MemoryPort.NO_NATIVE) {
      return underBusLock(core, linear, size, expected, value);
    }
    if (size == 8) {
      return NativeAccess.compareAndExchange64(address, expected, value);
    }
    if (size == 4 && (linear & 3) == 0) {
      return NativeAccess.compareAndExchange32(address, (int) expected, (int) value) & 0xffffffffL;
    }
    return inQuadword(address - inQuadword, inQuadword << 3, size, expected, value);
  }

  private static long inQuadword(long aligned, int shift, int size, long expected, long value) {
    long mask = (1L << (size << 3)) - 1;
    long word = NativeAccess.load64(aligned);
    for (; ; ) {
      long found = word >>> shift & mask;
      long next = found == expected ? word & ~(mask << shift) | value << shift : word;
      long seen = NativeAccess.compareAndExchange64(aligned, word, next);
      if (seen == word) {
        return found;
      }
      word = seen;
    }
  }

  private static long underBusLock(Core core, long linear, int size, long expected, long value) {
    BUS_LOCK.lock();
    try {
      long found = core.load(linear, size);
      if (found == expected) {
        core.store(linear, size, value);
      }
      return found;
    } finally {
      BUS_LOCK.unlock();
    }
  }

  static boolean compareExchange128(
      Core core, long linear, long[] expectedThenFound, long low, long high) {
    core.probeWrite(linear, 16);
    BUS_LOCK.lock();
    try {
      long foundLow = core.load64(linear);
      long foundHigh = core.load64(linear + 8);
      boolean equal = foundLow == expectedThenFound[0] && foundHigh == expectedThenFound[1];
      if (equal) {
        core.store64(linear, low);
        core.store64(linear + 8, high);
      }
      expectedThenFound[0] = foundLow;
      expectedThenFound[1] = foundHigh;
      return equal;
    } finally {
      BUS_LOCK.unlock();
    }
  }
}
