package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.status.Status;

/** TDH.SYS.LP.SHUTDOWN, leaf 44: does nothing since 1.5; modules are shut down whole. */
final class TdhSysLpShutdown implements HostLeaf {
  @Override
  public long execute(SeamCall call) {
    return Status.SUCCESS;
  }
}
