package org.swtdx.tdxmodule.platform;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts those who share a lock, in stripes by thread, so that threads that run side by side write
 * different cache lines. Only the sum says how many there are. Bits 15:0 of a stripe count those
 * who are arriving and may still turn back, the bits above count sharers, with a sign.
 */
final class Sharers {
  private static final int STRIPES = 8;

  /** Integers from one stripe to the next, and before the first: a cache line. */
  private static final int STRIDE = 16;

  private static final int SHARER_SHIFT = 16;
  private static final int SHARER = 1 << SHARER_SHIFT;
  private static final int ARRIVING = SHARER - 1;
  private static final int SPINS = 100;
  private static final long PARKED_NANOS = 1000;

  private final AtomicIntegerArray stripes = new AtomicIntegerArray((STRIPES + 1) * STRIDE);

  /** Announces the calling thread; {@link #arrived} must follow. */
  void arrive() {
    stripes.getAndAdd(own(), 1);
  }

  /** Makes the calling thread a sharer, or forgets it. */
  void arrived(boolean shares) {
    stripes.getAndAdd(own(), shares ? SHARER - 1 : -1);
  }

  /** Counts out a sharer. */
  void leave() {
    stripes.getAndAdd(own(), -SHARER);
  }

  /** How many share, when everyone who was arriving has arrived; nobody may be added meanwhile. */
  int count() {
    int sum = 0;
    for (int i = STRIDE; i < stripes.length(); i += STRIDE) {
      int stripe = stripes.get(i);
      for (int spins = 1; (stripe & ARRIVING) != 0; spins++) {
        pause(spins);
        stripe = stripes.get(i);
      }
      sum += stripe >> SHARER_SHIFT;
    }
    return sum;
  }

  /** Waits a little for another thread that is about to go on. */
  static void pause(int spins) {
    if (spins % SPINS == 0) {
      LockSupport.parkNanos(PARKED_NANOS); // it lost its processor
    } else {
      Thread.onSpinWait();
    }
  }

  private static int own() {
    return (1 + (int) Thread.currentThread().threadId() % STRIPES) * STRIDE;
  }
}
