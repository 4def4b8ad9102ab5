package org.swtdx.tdxmodule.platform;

import java.util.concurrent.atomic.AtomicLongArray;
import org.swtdx.memory.PhysicalAddressLayout;

/**
 * The KeyID ownership table: the state of each KeyID and the packages whose caches still hold lines
 * of it. Its methods need {@link #lock()}.
 */
public final class Kot {
  /** State of a KeyID. */
  public enum State {
    /** Nobody's. */
    FREE,
    /** A TD's. */
    ASSIGNED,
    /** Was a TD's; caches must be written back before it is free. */
    FLUSHED,
    /** The module's global KeyID. */
    RESERVED
  }

  private final SharexLock lock = new SharexLock();
  private final State[] states;
  private final AtomicLongArray packagesToWriteBack;

  Kot(PhysicalAddressLayout layout) {
    states = new State[1 << layout.keyIdBits()];
    packagesToWriteBack = new AtomicLongArray(states.length);
    java.util.Arrays.fill(states, State.FREE);
  }

  /** The table's lock; contention blames operand KOT. */
  public SharexLock lock() {
    return lock;
  }

  /** State of {@code keyId}. */
  public State state(int keyId) {
    return states[keyId];
  }

  /** Reserves the global KeyID, or assigns or frees one. */
  public void set(int keyId, State state) {
    states[keyId] = state;
  }

  /** Makes {@code keyId} wait for a cache write-back on {@code packages} (a bitmap). */
  public void flush(int keyId, long packages) {
    states[keyId] = State.FLUSHED;
    packagesToWriteBack.set(keyId, packages);
  }

  /** Packages that still have to write back their caches for {@code keyId}, a bitmap. */
  public long packagesToWriteBack(int keyId) {
    return packagesToWriteBack.get(keyId);
  }

  /** Counts the KeyIDs that wait for a write-back and notes that {@code packageId} did it. */
  public int writeBack(int packageId) {
    int found = 0;
    for (int i = 0; i < states.length; i++) {
      if (states[i] == State.FLUSHED) {
        packagesToWriteBack.getAndUpdate(i, p -> p & ~(1L << packageId));
        found++;
      }
    }
    return found;
  }

  /** KeyIDs in {@code state}. */
  public int count(State state) {
    int n = 0;
    for (State s : states) {
      n += s == state ? 1 : 0;
    }
    return n;
  }
}
