package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.status.Status;

/** TDH.MNG.KEY.RECLAIMID, leaf 27: does nothing; kept for hosts that still call it. */
final class TdhMngKeyReclaimid implements HostLeaf {
  @Override
  public long execute(SeamCall call) {
    return Status.SUCCESS;
  }
}
