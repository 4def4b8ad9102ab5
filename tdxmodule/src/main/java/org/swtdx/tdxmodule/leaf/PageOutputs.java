package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PamtEntry;

/** The registers in which leaves report a page's metadata. */
final class PageOutputs {
  private PageOutputs() {}

  /** Clears RCX, RDX and R8 to R11. */
  static void clear(SeamRegisters regs) {
    regs.rcx = 0;
    regs.rdx = 0;
    regs.r8 = 0;
    regs.r9 = 0;
    regs.r10 = 0;
    regs.r11 = 0;
  }

  /** Reports type in RCX, owner in RDX and size in R8. */
  static void set(SeamRegisters regs, PamtEntry page) {
    regs.rcx = page.type().number();
    regs.rdx = page.owner();
    regs.r8 = page.level();
  }
}
