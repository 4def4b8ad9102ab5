package org.swtdx.seamcall.port;

import org.swtdx.cpu.LogicalProcessor;

/**
 * SEAMCALL on one platform. Calls may come from several logical processors at once; TDH.VP.ENTER
 * returns when the vCPU exits.
 */
@FunctionalInterface
public interface SeamPort {
  /** Executes SEAMCALL on {@code lp} with the operands in {@code regs}; results replace them. */
  void seamcall(LogicalProcessor lp, SeamRegisters regs);
}
