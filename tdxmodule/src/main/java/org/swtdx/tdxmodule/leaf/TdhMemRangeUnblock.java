package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDH.MEM.RANGE.UNBLOCK, leaf 39: allows translations through a blocked entry again. */
final class TdhMemRangeUnblock implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    MemTarget target = MemTarget.lock(call, 0, MemTarget.ROOT_LEVEL);
    Tdcs tdcs = target.tdcs();
    GpaMapping at = target.at();
    SeptEntry entry = call.lockEntry(tdcs, at, SeamCall.EXCLUSIVE);
    call.requireState(entry);
    call.requireTracked(tdcs, entry, call.pamtOf(entry));

    entry.setState(entry.state().unblocked());
    return Status.SUCCESS;
  }
}
