package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;

/**
 * GPA attributes as the page-attribute leaves show them: 16 bits per VM. This module has no nested
 * VMs, so only those of the TD itself are valid: every accepted or pending page may be read,
 * written and executed.
 */
final class PageAttributes {
  private static final long READ_WRITE_EXECUTE = 0xf;
  private static final long VALID = 1 << 15;

  /** The attributes of every page of the TD itself. */
  static final long OF_TD = READ_WRITE_EXECUTE | VALID;

  private static final long PENDING = 1L << 62;
  private static final long PAGE = ~0xfffL;

  private PageAttributes() {}

  /** Reports nothing, as after a refusal. */
  static void clear(TdCall call) {
    call.set(Operand.RCX, 0);
    call.set(Operand.RDX, 0);
  }

  /** Reports mapping and attributes in RCX and RDX. */
  static void report(TdCall call, long gpa, SeptEntry entry, SeptState state) {
    long base = gpa & PAGE & -(1L << 12 + 9 * entry.level());
    call.set(Operand.RCX, base | entry.level() | (state.isPending() ? PENDING : 0));
    call.set(Operand.RDX, OF_TD);
  }
}
