package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.status.Refusal;

/** One guest-side function of the module. Stateless. */
@FunctionalInterface
interface GuestLeaf {
  /**
   * Executes the leaf: check, lock, act, output registers.
   *
   * @return the completion status for RAX, or one of the outcomes of {@link TdCall}
   * @throws Refusal when a check fails or a lock is busy; nothing has changed then
   */
  long execute(TdCall call) throws Refusal;
}
