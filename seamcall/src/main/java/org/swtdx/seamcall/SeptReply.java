package org.swtdx.seamcall;

/**
 * What a leaf that works on a Secure EPT entry returned.
 *
 * @param status completion status
 * @param entry on an entry-related error, the entry in architectural form; on success of
 *     TDH.MEM.SEPT.RD the entry read
 * @param position level in bits 2:0 and public state in bits 15:8 of that entry
 */
public record SeptReply(TdxStatus status, long entry, long position) {
  static final SeptReply SUCCESS = new SeptReply(TdxStatus.SUCCESS, 0, 0);

  /** Level of the entry that {@link #entry} describes. */
  public int level() {
    return (int) position & 7;
  }

  /** Public state number of that entry. */
  public int state() {
    return (int) (position >>> 8) & 0xff;
  }
}
