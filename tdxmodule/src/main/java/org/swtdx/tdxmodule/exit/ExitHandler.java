package org.swtdx.tdxmodule.exit;

import org.swtdx.tdxmodule.vp.GuestContext;

/** What the module does on a VM exit. Stateless. */
@FunctionalInterface
interface ExitHandler {
  /** Resume the guest. */
  boolean RESUME = true;

  /** Leave the TD; the vCPU's TdExit says how. */
  boolean LEAVE = false;

  /** Handles the vCPU's last VM exit; returns {@link #RESUME} or {@link #LEAVE}. */
  boolean handle(GuestContext vcpu);
}
