package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * TDH.MEM.RANGE.BLOCK, leaf 7: refuses new translations through an entry. Ones that exist end with
 * the TLB tracking that follows.
 */
final class TdhMemRangeBlock implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    MemTarget target = MemTarget.lock(call, 0, MemTarget.ROOT_LEVEL);
    Tdcs tdcs = target.tdcs();
    GpaMapping at = target.at();
    SeptEntry entry = call.lockEntry(tdcs, at, SeamCall.EXCLUSIVE);
    if (!call.acceptsState(entry)) {
      throw call.septRefusal(
          entry,
          entry.state().isBlocked()
              ? Status.GPA_RANGE_ALREADY_BLOCKED
              : Status.EPT_ENTRY_STATE_INCORRECT);
    }

    PamtEntry page = call.pamtOf(entry);
    entry.setState(blocked(entry.state()));
    // Sampled after the entry changed, so that no translation made later can be older than it.
    page.setBepoch(tdcs.epochs().epoch());
    return Status.SUCCESS;
  }

  private static SeptState blocked(SeptState state) {
    if (state.isNonLeaf()) {
      return SeptState.NL_BLOCKED;
    }
    return state.isPending() ? SeptState.PENDING_BLOCKED : SeptState.BLOCKED;
  }
}
