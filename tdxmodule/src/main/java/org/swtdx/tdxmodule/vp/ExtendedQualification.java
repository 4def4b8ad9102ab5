package org.swtdx.tdxmodule.vp;

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
   * Returns the qualification of a failed ACCEPT.
   *
   * @param requested the level asked for
   * @param found the level where the walk ended
   * @param publicState state of the entry there, as the host sees states
   * @param leaf whether that entry is a leaf
   */
  public static long accept(int requested, int found, int publicState, boolean leaf) {
    long info = requested | found << 3 | publicState << 6 | (leaf ? 1 << 14 : 0);
    return ACCEPT | info << 32;
  }
}
