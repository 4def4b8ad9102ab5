package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;

/**
 * The address that stands for no page where version 1 of a leaf takes or returns a Secure EPT page
 * for each of three nested VMs in R9 to R11. A TD here has no nested VM.
 */
final class NullPage {
  /** No page. */
  static final long ADDRESS = -1;

  private NullPage() {}

  /** Refuses pages for nested VMs, which do not exist. */
  static void requireForNestedVms(SeamRegisters regs) throws Refusal {
    Refusal.operandInvalidIf(regs.r9 != ADDRESS, Operand.R9);
    Refusal.operandInvalidIf(regs.r10 != ADDRESS, Operand.R10);
    Refusal.operandInvalidIf(regs.r11 != ADDRESS, Operand.R11);
  }

  /** Returns no page of any nested VM. */
  static void returnForNestedVms(SeamRegisters regs) {
    regs.r9 = ADDRESS;
    regs.r10 = ADDRESS;
    regs.r11 = ADDRESS;
  }
}
