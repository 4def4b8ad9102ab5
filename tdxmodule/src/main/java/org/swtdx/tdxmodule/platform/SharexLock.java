package org.swtdx.tdxmodule.platform;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A shared/exclusive lock that is only ever tried. A host request that fails raises host priority:
 * guest requests then fail until a host request succeeds, so that a spinning guest cannot starve
 * the host.
 *
 * <p>Leaves that run side by side share most of their locks. Once two sharers met at the word that
 * counts them, later ones are counted in {@link Sharers}, by thread, and no longer write it. An
 * exclusive request announces itself in the word, then adds up the counts, and has the lock or has
 * not; a sharer writes its count first and looks at the word then, so that of two requests at once
 * one sees the other. Who meets a request that is still adding up waits for that; nobody waits for
 * a holder.
 */
public final class SharexLock implements Releasable {
  private static final int EXCLUSIVE = 1;
  private static final int HOST_PRIORITY = 2;

  /** An exclusive request adds up the counts; nobody is added to them meanwhile. */
  private static final int LOOKING = 4;

  private static final int FLAGS = EXCLUSIVE | HOST_PRIORITY | LOOKING;

  /** One sharer that the word counts. */
  private static final int SHARER = FLAGS + 1;

  private final AtomicInteger state = new AtomicInteger();
  private volatile @Nullable Sharers sharers;

  /** Creates a free lock. */
  public SharexLock() {}

  /** Tries to take the lock for a host leaf. */
  public boolean tryHost(boolean exclusive) {
    for (; ; ) {
      int s = settled();
      if ((s & EXCLUSIVE) != 0) {
        if (state.compareAndSet(s, s | HOST_PRIORITY)) {
          return false;
        }
      } else if (exclusive) {
        if (state.compareAndSet(s, s | LOOKING)) {
          return look(HOST_PRIORITY);
        }
      } else if (share(s)) {
        return true;
      }
    }
  }

  /** Tries to take the lock for a guest leaf; fails while the host has priority. */
  public boolean tryGuest(boolean exclusive) {
    for (; ; ) {
      int s = settled();
      if ((s & FLAGS) != 0) {
        return false;
      }
      if (exclusive) {
        if (state.compareAndSet(s, s | LOOKING)) {
          return look(0);
        }
      } else if (share(s)) {
        return true;
      }
    }
  }

  /** Whether a host request failed and none succeeded since. */
  public boolean hostHasPriority() {
    return (settled() & HOST_PRIORITY) != 0;
  }

  @Override
  public void release(boolean exclusive) {
    Sharers many = sharers;
    if (exclusive) {
      state.getAndAdd(-EXCLUSIVE);
    } else if (many == null) {
      state.getAndAdd(-SHARER);
    } else {
      many.leave();
    }
  }

  /** The state when nobody is adding up. */
  private int settled() {
    int s = state.get();
    for (int spins = 1; (s & LOOKING) != 0; spins++) {
      Sharers.pause(spins);
      s = state.get();
    }
    return s;
  }

  /** Becomes a sharer if state {@code s}, in which one may, still holds; ends host priority. */
  private boolean share(int s) {
    Sharers many = sharers;
    if (many == null) {
      boolean taken = state.compareAndSet(s, (s & ~HOST_PRIORITY) + SHARER);
      if (!taken && ((state.get() ^ s) & FLAGS) == 0) {
        meet();
      }
      return taken;
    }
    many.arrive();
    boolean taken =
        (s & HOST_PRIORITY) == 0
            ? (state.get() & FLAGS) == 0
            : state.compareAndSet(s, s & ~HOST_PRIORITY);
    many.arrived(taken);
    return taken;
  }

  private synchronized void meet() {
    if (sharers == null) {
      sharers = new Sharers();
    }
  }

  /** Takes the lock exclusively if nobody shares it, else leaves {@code refused} in the state. */
  private boolean look(int refused) {
    int inWord = state.get() >> Integer.numberOfTrailingZeros(SHARER);
    Sharers many = sharers;
    boolean alone = inWord + (many == null ? 0 : many.count()) == 0;
    int flags = alone ? EXCLUSIVE : refused;
    for (; ; ) {
      int s = state.get(); // sharers may still leave
      if (state.compareAndSet(s, s & ~(LOOKING | HOST_PRIORITY) | flags)) {
        return alone;
      }
    }
  }
}
