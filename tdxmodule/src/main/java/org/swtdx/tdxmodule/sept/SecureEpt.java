package org.swtdx.tdxmodule.sept;

import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.tdxmodule.platform.SharexLock;

/**
 * The Secure EPT of one TD. Entries live in arrays of the module, one per page the host gave; the
 * pages themselves hold nothing but belong to the TD's key, so that the host finds ciphertext.
 */
public final class SecureEpt {
  private final SharexLock treeLock = new SharexLock();
  private final SeptPage root;
  private final int levels;

  /**
   * A tree without entries.
   *
   * @param rootHpa the TDCS page that is its root
   * @param levels page-walk length, 4 or 5
   */
  public SecureEpt(long rootHpa, int levels) {
    this.root = new SeptPage(rootHpa, levels - 1);
    this.levels = levels;
  }

  /** Exclusive for leaves that change non-leaf entries in use; contention blames SEPT_TREE. */
  public SharexLock treeLock() {
    return treeLock;
  }

  /** Page-walk length, 4 or 5. */
  public int levels() {
    return levels;
  }

  /** Entry {@code index} of the root page, with all its bits. */
  public long rootEntry(int index) {
    return root.get(index);
  }

  /** The entry for {@code gpa} at {@code level}, or the lowest one above it that exists. */
  public SeptEntry walk(long gpa, int level) {
    SeptPage page = root;
    for (; ; ) {
      int index = SeptPage.index(gpa, page.level());
      SeptPage child = page.child(index);
      if (page.level() <= level
          || child == null
          || SeptState.of(page.get(index)) != SeptState.NL_MAPPED) {
        return new SeptEntry(page, index);
      }
      page = child;
    }
  }

  /** As {@link #walk} for the guest: blocked non-leaf entries end either walk. */
  public SeptEntry walkAsGuest(long gpa, int level) {
    return walk(gpa, level);
  }

  /** The leaf entry for {@code gpa}, or the lowest non-leaf or free entry on the way to it. */
  public SeptEntry walkToLeaf(long gpa) {
    return walk(gpa, 0);
  }

  /**
   * Translates a private guest physical address; allocates nothing. A walk passes blocked non-leaf
   * entries by refusing, as hardware does with their cleared permissions.
   *
   * @return the HPA without KeyID, or {@link GuestPhysicalMap#FAULT}
   */
  long translate(long gpa, int access, boolean veOnPending, EptFault fault) {
    SeptPage page = root;
    for (; ; ) {
      int level = page.level();
      int index = SeptPage.index(gpa, level);
      long word = page.get(index);
      SeptState state = SeptState.of(word);
      if (state == SeptState.NL_MAPPED) {
        SeptPage child = page.child(index);
        if (child != null) {
          page = child;
          continue;
        }
      }
      if ((word & access) != 0 && state.isAccessibleLeaf()) {
        return word & SeptEntry.HPA_MASK | gpa & (1L << 12 + 9 * level) - 1;
      }
      fault.misconfiguration = false;
      fault.convertible = state == SeptState.PENDING && veOnPending;
      fault.permissions = state.isAccessibleLeaf() ? (int) word & 7 : 0;
      fault.permissions <<= 3;
      fault.qualification = 0;
      return GuestPhysicalMap.FAULT;
    }
  }
}
