package org.swtdx.tdxmodule.platform;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A view of one PAMT entry: two words in its array. Word 0 holds the lock in bits 15:0 (15
 * exclusive, 14 host priority, 13 own lock, 12:0 sharers), the page type in 23:16 and the owner
 * TDR's page number in 63:24; word 1 is BEPOCH.
 *
 * <p>The entries that leaves share at all times have a {@link SharexLock} of their own instead:
 * those of larger pages, which every walk to a smaller one passes, and those of pages that are or
 * were a TDR.
 *
 * @param words the array that holds it
 * @param index position of word 0
 * @param hpa base of the page it describes
 * @param level size of that page, see {@link PageSize}
 * @param ownLock its own lock, null when the lock is in word 0
 */
@SuppressWarnings("ArrayRecordComponent") // a view: the array is the table itself
public record PamtEntry(long[] words, int index, long hpa, int level, @Nullable SharexLock ownLock)
    implements Releasable {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final long EXCLUSIVE = 1L << 15;
  private static final long HOST_PRIORITY = 1L << 14;
  private static final long OWN_LOCK = 1L << 13;
  private static final long SHARERS = OWN_LOCK - 1;
  private static final long LOCK = 0xffff;

  /** The page type. */
  public PageType type() {
    return PageType.of((int) (get() >>> 16) & 0xff);
  }

  /** HPA of the owner's TDR, 0 for none. */
  public long owner() {
    return get() >>> 24 << 12;
  }

  /** The epoch of the last block, see {@code EpochTracker}. */
  public long bepoch() {
    return (long) WORD.getAcquire(words, index + 1);
  }

  /** Records the epoch of a block. */
  public void setBepoch(long value) {
    WORD.setRelease(words, index + 1, value);
  }

  /** Assigns the page; BEPOCH becomes 0. */
  public void assign(PageType type, long ownerTdr) {
    setBepoch(0);
    long content = (long) type.number() << 16 | ownerTdr >>> 12 << 24;
    long old;
    do {
      old = get();
    } while (!WORD.compareAndSet(words, index, old, old & LOCK | content));
  }

  /** Makes the page available to the host again. */
  public void free() {
    assign(PageType.NDA, 0);
  }

  /** This view with the lock that the entry has of its own. */
  PamtEntry with(@Nullable SharexLock own) {
    return new PamtEntry(words, index, hpa, level, own);
  }

  /** Whether the entry of a 4 KiB page has a lock of its own. */
  boolean hasOwnLock() {
    return (get() & OWN_LOCK) != 0;
  }

  /** Gives the entry, which is locked exclusively, a lock of its own, for good. */
  void giveOwnLock() {
    long _ = (long) WORD.getAndBitwiseOr(words, index, OWN_LOCK);
  }

  /** Tries to lock the entry for a host leaf; a failure raises host priority. */
  public boolean tryLock(boolean exclusive) {
    if (ownLock != null) {
      boolean stillInWord = (get() & EXCLUSIVE) != 0; // by the leaf that gave it its own lock
      return !stillInWord && ownLock.tryHost(exclusive);
    }
    for (; ; ) {
      long old = get();
      if ((old & OWN_LOCK) != 0) {
        return false; // given since this view was made
      }
      boolean blocked = (old & (exclusive ? EXCLUSIVE | SHARERS : EXCLUSIVE)) != 0;
      long next = old | HOST_PRIORITY;
      if (!blocked) {
        next = exclusive ? old & ~HOST_PRIORITY | EXCLUSIVE : (old & ~HOST_PRIORITY) + 1;
      }
      if (old == next || WORD.compareAndSet(words, index, old, next)) {
        return !blocked;
      }
    }
  }

  @Override
  public void release(boolean exclusive) {
    if (ownLock != null) {
      ownLock.release(exclusive);
    } else if (exclusive) {
      long _ = (long) WORD.getAndBitwiseAnd(words, index, ~EXCLUSIVE);
    } else {
      long _ = (long) WORD.getAndAdd(words, index, -1L);
    }
  }

  private long get() {
    return (long) WORD.getVolatile(words, index);
  }
}
