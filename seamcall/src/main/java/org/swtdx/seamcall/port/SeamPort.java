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

  /**
   * Replaces the loaded module by a new one, as the SEAM loader does. The new one begins in the
   * state before TDH.SYS.INIT; what its predecessor left at TDH.SYS.SHUTDOWN waits for it. TDs of a
   * module that was not shut down are lost.
   *
   * @return false when nothing was replaced: some processor is inside the module, or this port has
   *     no loader
   */
  default boolean install() {
    return false;
  }
}
