package org.swtdx.tdxmodule.platform;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A shared/exclusive lock that is only ever tried. A host request that fails raises host priority:
 * guest requests then fail until a host request succeeds, so that a spinning guest cannot starve
 * the host. State: bit 31 exclusive, bit 30 host priority, the rest counts sharers.
 */
public final class SharexLock implements Releasable {
  private static final int EXCLUSIVE = 1 << 31;
  private static final int HOST_PRIORITY = 1 << 30;

  private final AtomicInteger state = new AtomicInteger();

  /** Creates a free lock. */
  public SharexLock() {}

  /** Tries to take the lock for a host leaf. */
  public boolean tryHost(boolean exclusive) {
    for (; ; ) {
      int s = state.get();
      boolean blocked = exclusive ? (s & ~HOST_PRIORITY) != 0 : s < 0;
      int next = blocked ? s | HOST_PRIORITY : taken(s & ~HOST_PRIORITY, exclusive);
      if (s == next || state.compareAndSet(s, next)) {
        return !blocked;
      }
    }
  }

  /** Tries to take the lock for a guest leaf; fails while the host has priority. */
  public boolean tryGuest(boolean exclusive) {
    for (; ; ) {
      int s = state.get();
      if (exclusive ? s != 0 : s < 0 || (s & HOST_PRIORITY) != 0) {
        return false;
      }
      if (state.compareAndSet(s, taken(s, exclusive))) {
        return true;
      }
    }
  }

  /** Whether a host request failed and none succeeded since. */
  public boolean hostHasPriority() {
    return (state.get() & HOST_PRIORITY) != 0;
  }

  @Override
  public void release(boolean exclusive) {
    if (exclusive) {
      state.getAndUpdate(s -> s & ~EXCLUSIVE);
    } else {
      state.getAndDecrement();
    }
  }

  private static int taken(int s, boolean exclusive) {
    return exclusive ? s | EXCLUSIVE : s + 1;
  }
}
