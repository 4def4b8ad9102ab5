package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.PageSize;
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

  /** Reads an operand: level in 2:0, GPA in 51:12, all else 0. */
  static GpaMapping parse(long raw, int operand, Tdcs tdcs, int minLevel, int maxLevel)
      throws Refusal {
    int level = (int) raw & 7;
    Refusal.operandInvalidIf(
        (raw & RESERVED) != 0 || level < minLevel || level > maxLevel, operand);
    long gpa = raw & ~7L;
    checkPrivate(gpa, PageSize.bytes(level), operand, tdcs);
    return new GpaMapping(gpa, level);
  }

  /** Refuses a GPA that is shared, beyond the guest's address width, or misaligned. */
  static void checkPrivate(long gpa, long alignment, int operand, Tdcs tdcs) throws Refusal {
    Refusal.operandInvalidIf(
        (gpa & alignment - 1) != 0 || gpa < 0 || gpa >= tdcs.sharedBit(), operand);
  }
}
