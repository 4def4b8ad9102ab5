package org.swtdx.tdxmodule.sept;

import java.util.Arrays;

/**
 * State of a Secure EPT entry. The encoding lives in the entry itself: bit 0 is entry bit 9, bits
 * 4:1 are entry bits 56:53, bits 6:5 are entry bits 7:6.
 */
public enum SeptState {
  /** Nothing is mapped. */
  FREE(14, 0),
  /** Nothing is mapped, and must not be imported again. */
  REMOVED(12, 5),
  /** Refers to a Secure EPT page. */
  NL_MAPPED(0, 132),
  /** Refers to a Secure EPT page; new translations are refused. */
  NL_BLOCKED(8, 129),
  /** Accessible private memory. */
  MAPPED(96, 4),
  /** Mapped, but new translations are refused. */
  BLOCKED(104, 1),
  /** Mapped for reading; new writable translations are refused. */
  BLOCKEDW(100, 8),
  /** Exported and blocked for writing. */
  EXPORTED_BLOCKEDW(102, 9),
  /** Written since its export. */
  EXPORTED_DIRTY(99, 11),
  /** Written since its export and blocked for writing again. */
  EXPORTED_DIRTY_BLOCKEDW(103, 12),
  /** Given by the host, not accepted by the guest. */
  PENDING(112, 2),
  /** Pending and blocked. */
  PENDING_BLOCKED(120, 3),
  /** Pending and blocked for writing. */
  PENDING_BLOCKEDW(116, 16),
  /** Pending, exported and blocked for writing. */
  PENDING_EXPORTED_BLOCKEDW(118, 17),
  /** Pending, exported, and accepted or removed since. */
  PENDING_EXPORTED_DIRTY(115, 19),
  /** As {@link #PENDING_EXPORTED_DIRTY} and blocked for writing. */
  PENDING_EXPORTED_DIRTY_BLOCKEDW(119, 20);

  private static final SeptState[] BY_ENCODING = new SeptState[128];

  static {
    Arrays.fill(BY_ENCODING, FREE);
    for (SeptState s : values()) {
      BY_ENCODING[s.encoding] = s;
    }
  }

  private final int encoding;
  private final int publicState;

  SeptState(int encoding, int publicState) {
    this.encoding = encoding;
    this.publicState = publicState;
  }

  /** The number that leaves report in RDX bits 15:8. */
  public int publicState() {
    return publicState;
  }

  /** The state's bit in allow lists, whose columns are in the order of declaration. */
  @SuppressWarnings("EnumOrdinal")
  public int bit() {
    return 1 << ordinal();
  }

  /** Whether the entry maps a page of guest memory. */
  public boolean isLeaf() {
    return (encoding & 0x60) != 0;
  }

  /** Whether the entry refers to a Secure EPT page. */
  public boolean isNonLeaf() {
    return this == NL_MAPPED || this == NL_BLOCKED;
  }

  /** Whether the guest has not accepted the page yet. */
  public boolean isPending() {
    return (encoding & 0x10) != 0 && isLeaf();
  }

  /** Whether new translations are refused. */
  public boolean isBlocked() {
    return this == NL_BLOCKED || this == BLOCKED || this == PENDING_BLOCKED;
  }

  /**
   * Whether a guest may hold translations through an entry in this state; those of an exported page
   * that nobody wrote since ended with the tracking of its export.
   */
  public boolean trackingRequired() {
    return switch (this) {
      case FREE, REMOVED, EXPORTED_BLOCKEDW, PENDING_EXPORTED_BLOCKEDW -> false;
      default -> true;
    };
  }

  /** The state that unblocking leads to; the state itself when it is not blocked. */
  public SeptState unblocked() {
    return switch (this) {
      case NL_BLOCKED -> NL_MAPPED;
      case BLOCKED -> MAPPED;
      case PENDING_BLOCKED -> PENDING;
      default -> this;
    };
  }

  /** Whether the guest may read the page. */
  public boolean isAccessibleLeaf() {
    return isLeaf() && (encoding & 0x18) == 0;
  }

  /** Whether the guest may read and write the page. */
  public boolean isFullyAccessibleLeaf() {
    return this == MAPPED || this == EXPORTED_DIRTY;
  }

  long entryBits() {
    return (encoding & 1L) << 9 | (encoding >>> 1 & 0xfL) << 53 | (encoding >>> 5 & 3L) << 6;
  }

  static SeptState of(long entry) {
    return BY_ENCODING[
        (int) (entry >>> 9 & 1 | (entry >>> 53 & 0xf) << 1 | (entry >>> 6 & 3) << 5)];
  }
}
