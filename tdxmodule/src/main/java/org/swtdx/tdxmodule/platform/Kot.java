package org.swtdx.tdxmodule.platform;

import java.util.BitSet;
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
    FREE(0),
    /** A TD's. */
    ASSIGNED(1),
    /** Was a TD's; caches must be written back before it is free. */
    FLUSHED(2),
    /** The module's global KeyID. */
    RESERVED(3);

    private static final State[] BY_NUMBER = values();

    private final int number;

    State(int number) {
      this.number = number;
    }

    /** The architectural number. */
    int number() {
      return number;
    }

    static State of(int number) {
      return BY_NUMBER[number & 3];
    }
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

  /** KeyIDs that wait for a write-back. */
  BitSet flushed() {
    BitSet flushed = new BitSet(states.length);
    for (int i = 0; i < states.length; i++) {
      flushed.set(i, states[i] == State.FLUSHED);
    }
    return flushed;
  }

  /** Notes that {@code packageId} wrote back its caches for {@code keyIds}. */
  void writtenBack(BitSet keyIds, int packageId) {
    for (int i = keyIds.nextSetBit(0); i >= 0; i = keyIds.nextSetBit(i + 1)) {
      packagesToWriteBack.getAndUpdate(i, p -> p & ~(1L << packageId));
    }
  }

  /** Number of KeyIDs in the table. */
  int size() {
    return states.length;
  }

  /** Takes over a KeyID from the module before this one. */
  void restore(int keyId, State state, long packages) {
    states[keyId] = state;
    packagesToWriteBack.set(keyId, packages);
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
