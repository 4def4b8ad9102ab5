package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.EpochTracker;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;

/**
 * TDH.MEM.TRACK, leaf 38: starts a new TLB epoch. What was blocked before can be removed when every
 * vCPU that is inside now has left once.
 */
final class TdhMemTrack implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    Tdr tdr = call.lockTdr(call.regs().rcx, Operand.RCX, SeamCall.SHARED);
    Tdcs tdcs = call.checkOpState(tdr);
    EpochTracker epochs = tdcs.epochs();
    call.lock(
        epochs.lock(), SeamCall.EXCLUSIVE, Status.with(Status.OPERAND_BUSY, Operand.TD_EPOCH));
    return epochs.advance() ? Status.SUCCESS : Status.PREVIOUS_TLB_EPOCH_BUSY;
  }
}
