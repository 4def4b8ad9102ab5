package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * A private guest address and the Secure EPT level that an operand names.
 *
 * @param gpa aligned to what an entry of that level covers
 * @param level 0 for 4 KiB
 */
public record GpaMapping(long gpa, int level) {
  private static final long RESERVED = 0xfff0_0000_0000_0ff8L;

  /**
   * Reads the mapping in RCX: level in 2:0, GPA in 51:12, all else 0.
   *
   * @param raw the operand
   * @param minLevel lowest level that the leaf takes
   * @param maxLevel highest level that the leaf takes
   */
  public static GpaMapping parse(long raw, Tdcs tdcs, int minLevel, int maxLevel) throws Refusal {
    int level = (int) raw & 7;
    Refusal.operandInvalidIf(
        (raw & RESERVED) != 0 || level < minLevel || level > maxLevel, Operand.RCX);
    long gpa = raw & ~7L;
    checkPrivate(gpa, PageSize.bytes(level), tdcs);
    return new GpaMapping(gpa, level);
  }

  /** Refuses a GPA in RCX that is shared, beyond the guest's address width, or misaligned. */
  static void checkPrivate(long gpa, long alignment, Tdcs tdcs) throws Refusal {
    Refusal.operandInvalidIf((gpa & alignment - 1) != 0 || !tdcs.isPrivate(gpa), Operand.RCX);
  }
}
