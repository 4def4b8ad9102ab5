package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.status.Refusal;

/** One host-side function of the module. Stateless. */
@FunctionalInterface
public interface HostLeaf {
  /**
   * Executes the leaf: check, lock, act, output registers. Locks taken through {@code call} are
   * released after it returns or refuses.
   *
   * @return the completion status for RAX
   * @throws Refusal when a check fails or a lock is busy; nothing has changed then
   */
  long execute(SeamCall call) throws Refusal;
}
