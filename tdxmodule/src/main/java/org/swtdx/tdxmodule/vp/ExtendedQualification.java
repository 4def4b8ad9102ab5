package org.swtdx.tdxmodule.vp;

import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;

/** Extended exit qualification of an EPT-violation TD exit: type in 3:0, information in 63:32. */
public final class ExtendedQualification {
  /** Nothing more to say. */
  public static final long NONE = 0;

  /** TDG.MEM.PAGE.ACCEPT met an entry that it cannot accept. */
  public static final long ACCEPT = 1;

  /** The guest changed page attributes of a missing entry. */
  public static final long ATTR_WR = 5;

  /** The guest touched a pending page with #VE for that disabled. */
  public static final long PENDING_EPT_VIOLATION = 6;

  private ExtendedQualification() {}

  /**
   * Returns the qualification of a leaf that met an entry it cannot work on.
   *
   * @param type {@link #ACCEPT} or {@link #ATTR_WR}
   * @param requested the level asked for
   * @param entry where the walk ended
   */
  public static long of(long type, int requested, SeptEntry entry) {
    SeptState state = entry.state();
    long info =
        requested | entry.level() << 3 | state.publicState() << 6 | (state.isLeaf() ? 1 << 14 : 0);
    return type | info << 32;
  }
}
