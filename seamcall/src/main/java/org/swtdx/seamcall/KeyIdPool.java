package org.swtdx.seamcall;

import java.util.BitSet;
import java.util.Optional;
import org.swtdx.memory.KeyId;

/** The private KeyIDs that TDs can be given; the global one is not among them. Thread-safe. */
public final class KeyIdPool {
  private final int first;
  private final int count;
  private final BitSet taken = new BitSet();

  KeyIdPool(int first, int count) {
    this.first = first;
    this.count = count;
  }

  /** Takes the lowest free KeyID; empty when all are in use. */
  public synchronized Optional<KeyId> take() {
    int index = taken.nextClearBit(0);
    if (index >= count) {
      return Optional.empty();
    }
    taken.set(index);
    return Optional.of(new KeyId(first + index));
  }

  /**
   * Gives a KeyID back.
   *
   * @throws IllegalStateException when it was not taken
   */
  public synchronized void release(KeyId keyId) {
    int index = keyId.value() - first;
    if (index < 0 || !taken.get(index)) {
      throw new IllegalStateException("KeyID " + keyId.value() + " is not in use");
    }
    taken.clear(index);
  }

  /** KeyIDs in use. */
  public synchronized int inUse() {
    return taken.cardinality();
  }

  /** KeyIDs in use and free. */
  public int size() {
    return count;
  }
}
