package org.swtdx.cpu.core;

import java.util.concurrent.locks.ReentrantLock;
import org.swtdx.memory.seam.NativeAccess;

/**
 * Atomic read-modify-write accesses. Those inside a page are {@link NativeAccess}'s; 16-byte ones
 * and those across pages take a lock, which orders them among themselves.
 */
final class LockedAccess {
  private static final ReentrantLock BUS_LOCK = new ReentrantLock();

  private LockedAccess() {}

  static long compareExchange(Core core, long linear, int size, long expected, long value) {
    long address = core.nativeForWrite(linear, size);
    return address == MemoryPort.NO_NATIVE
        ? underBusLock(core, linear, size, expected, value)
        : NativeAccess.compareAndExchange(address, size, expected, value);
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
