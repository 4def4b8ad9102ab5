package org.swtdx.tdxmodule.sept;

import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.Releasable;

/**
 * A view of one Secure EPT entry. Bits as in the ABI: 2:0 RWX, 5:3 memory type, 6 ignore PAT, 7
 * leaf, 11 entry lock, 51:12 HPA, 52 host priority, 56:53 state, 63 suppress #VE. State changes
 * need the entry lock or an exclusive lock on the tree or the TD.
 */
public final class SeptEntry implements Releasable {
  static final long FREE_WORD = SeptState.FREE.entryBits() | 1L << 63;
  static final long HPA_MASK = 0x000f_ffff_ffff_f000L;

  private static final long LOCK = 1L << 11;
  private static final long HOST_PRIORITY = 1L << 52;
  private static final long RWX = 7;
  private static final long READ_EXECUTE = 5;
  private static final long WRITE_BACK = 6L << 3;
  private static final long SUPPRESS_VE = 1L << 63;

  private final SeptPage page;
  private final int index;

  SeptEntry(SeptPage page, int index) {
    this.page = page;
    this.index = index;
  }

  /** Level of the entry: 0 maps 4 KiB, 1 maps 2 MiB, and so on. */
  public int level() {
    return page.level();
  }

  /** HPA of the Secure EPT page that holds the entry. */
  public long pageHpa() {
    return page.hpa();
  }

  /** The state. */
  public SeptState state() {
    return SeptState.of(page.get(index));
  }

  /** The HPA that the entry maps or refers to. */
  public long hpa() {
    long word = page.get(index);
    long hpa = word & HPA_MASK;
    return SeptState.of(word).isPending() ? hpa & -PageSize.bytes(level()) : hpa;
  }

  /** 4 KiB parts of a pending large page that an interrupted TDG.MEM.PAGE.ACCEPT zeroed. */
  public int acceptProgress() {
    return (int) ((page.get(index) & HPA_MASK & PageSize.bytes(level()) - 1) >>> 12);
  }

  /** Records in bits 20:12 how far TDG.MEM.PAGE.ACCEPT got; needs the entry lock. */
  public void setAcceptProgress(int parts) {
    long word = page.get(index) & ~(HPA_MASK & PageSize.bytes(level()) - 1);
    replace(word | (long) parts << 12);
  }

  /** The HPA of the byte at {@code gpa}, which the entry maps. */
  public long hpaOf(long gpa) {
    return hpa() | gpa & (1L << 12 + 9 * level()) - 1;
  }

  /** The entry as the ABI shows it to the host: module-internal bits left out. */
  public long architectural() {
    long word = page.get(index);
    return SeptState.of(word) == SeptState.FREE
        ? SUPPRESS_VE
        : word & ~(LOCK | HOST_PRIORITY | 0xfL << 53 | HPA_MASK) | hpa();
  }

  /** Readable, writable, executable in bits 2:0. */
  public int permissions() {
    return (int) page.get(index) & 7;
  }

  /** RDX of a leaf that refuses because of this entry: level and public state. */
  public long levelAndState() {
    return level() | (long) state().publicState() << 8;
  }

  /** Locks the entry for a host leaf; a failure raises host priority. */
  public boolean tryLockHost() {
    for (; ; ) {
      long old = page.get(index);
      long next = (old & LOCK) == 0 ? old & ~HOST_PRIORITY | LOCK : old | HOST_PRIORITY;
      if (old == next || page.compareAndSet(index, old, next)) {
        return (old & LOCK) == 0;
      }
    }
  }

  /** Locks the entry for a guest leaf; fails while the host has priority. */
  public boolean tryLockGuest() {
    long old = page.get(index);
    return (old & (LOCK | HOST_PRIORITY)) == 0 && page.compareAndSet(index, old, old | LOCK);
  }

  /** Whether a host leaf failed to lock the entry and none succeeded since. */
  public boolean hostHasPriority() {
    return (page.get(index) & HOST_PRIORITY) != 0;
  }

  /** Gives the entry lock, which is always exclusive, back. */
  @Override
  public void release(boolean exclusive) {
    unlock();
  }

  /** Gives the entry lock back. */
  public void unlock() {
    long old;
    do {
      old = page.get(index);
    } while (!page.compareAndSet(index, old, old & ~LOCK));
  }

  /** Maps {@code hpa} in a leaf state; {@code veOnPending} clears suppress-#VE if it is pending. */
  public void setLeaf(SeptState state, long hpa, boolean veOnPending) {
    long access = 0;
    if (state.isFullyAccessibleLeaf()) {
      access = RWX;
    } else if (state.isAccessibleLeaf()) {
      access = READ_EXECUTE;
    }
    boolean suppress = !(state.isPending() && veOnPending);
    replace(state.entryBits() | hpa | WRITE_BACK | access | (suppress ? SUPPRESS_VE : 0));
  }

  /** Changes the state of a leaf and keeps what it maps. */
  public void setState(SeptState state) {
    long word = page.get(index);
    if (state.isNonLeaf()) {
      boolean open = state == SeptState.NL_MAPPED;
      replace(state.entryBits() | word & HPA_MASK | (open ? RWX : 0) | SUPPRESS_VE);
    } else {
      boolean ve = state.isPending() && (word & SUPPRESS_VE) == 0;
      setLeaf(state, hpa(), ve);
    }
  }

  /** Makes the entry free, or {@link SeptState#REMOVED}. */
  public void clear(SeptState freeOrRemoved) {
    replace(freeOrRemoved.entryBits() | SUPPRESS_VE);
    if (level() > 0) {
      page.setChild(index, null);
    }
  }

  /** Makes the entry refer to a new page of free entries at {@code hpa}. */
  public void link(long hpa) {
    page.setChild(index, new SeptPage(hpa, level() - 1));
    replace(SeptState.NL_MAPPED.entryBits() | hpa | RWX | SUPPRESS_VE);
  }

  /** Whether all entries of the page this entry refers to are free. */
  public boolean childrenFree() {
    SeptPage child = page.child(index);
    return child == null || child.allFree();
  }

  /** Entry {@code i} of the page this entry refers to, or null when it refers to none. */
  public @Nullable SeptEntry child(int i) {
    SeptPage child = page.child(index);
    return child == null ? null : new SeptEntry(child, i);
  }

  /**
   * Locks all entries of the page this entry refers to, or none. A page that is taken out of the
   * tree stays locked, so that a guest leaf that still looks at it finds it busy.
   */
  public boolean tryLockChildren() {
    SeptPage child = page.child(index);
    for (int i = 0; child != null && i < SeptPage.ENTRIES; i++) {
      if (!new SeptEntry(child, i).tryLockHost()) {
        unlockChildren(i);
        return false;
      }
    }
    return true;
  }

  /** Gives the locks of {@link #tryLockChildren} back. */
  public void unlockChildren() {
    unlockChildren(SeptPage.ENTRIES);
  }

  private void unlockChildren(int count) {
    SeptPage child = page.child(index);
    for (int i = 0; child != null && i < count; i++) {
      new SeptEntry(child, i).unlock();
    }
  }

  /**
   * The state in which all children together map one aligned contiguous page, {@link
   * SeptState#MAPPED} or {@link SeptState#PENDING}; null when they do not.
   */
  public @Nullable SeptState commonLeafState() {
    SeptPage child = page.child(index);
    if (child == null) {
      return null;
    }
    long first = new SeptEntry(child, 0).hpa();
    SeptState state = SeptState.of(child.get(0));
    if (state != SeptState.MAPPED && state != SeptState.PENDING
        || (first & PageSize.bytes(level()) - 1) != 0) {
      return null;
    }
    for (int i = 1; i < SeptPage.ENTRIES; i++) {
      SeptEntry entry = new SeptEntry(child, i);
      if (entry.state() != state || entry.hpa() != first + i * PageSize.bytes(level() - 1)) {
        return null;
      }
    }
    return state;
  }

  /** Maps as one page what the children map, in state {@code state}; the child page leaves. */
  public void merge(SeptState state, boolean veOnPending) {
    SeptPage child = page.child(index);
    if (child == null) {
      throw new IllegalStateException("a leaf has no children to merge");
    }
    setLeaf(state, new SeptEntry(child, 0).hpa(), veOnPending);
    page.setChild(index, null);
  }

  /** Maps the same memory through a new page of 512 smaller leaves in state {@code state}. */
  public void split(long pageHpa, SeptState state, boolean veOnPending) {
    SeptPage child = new SeptPage(pageHpa, level() - 1);
    for (int i = 0; i < SeptPage.ENTRIES; i++) {
      new SeptEntry(child, i).setLeaf(state, hpa() + i * PageSize.bytes(level() - 1), veOnPending);
    }
    page.setChild(index, child);
    replace(SeptState.NL_MAPPED.entryBits() | pageHpa | RWX | SUPPRESS_VE);
  }

  private void replace(long content) {
    long old;
    long keep = LOCK | HOST_PRIORITY;
    do {
      old = page.get(index);
    } while (!page.compareAndSet(index, old, content & ~keep | old & keep));
  }
}
