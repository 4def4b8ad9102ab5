package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDH.MEM.PAGE.REMOVE, leaf 29: takes a page away from a TD. */
final class TdhMemPageRemove implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    MemTarget target = MemTarget.lock(call, PageSize.LEVEL_4K, PageSize.LEVEL_1G);
    Tdcs tdcs = target.tdcs();
    GpaMapping at = target.at();
    SeptEntry entry = call.lockEntry(tdcs, at, SeamCall.SHARED);
    call.requireState(entry);
    PamtEntry page = call.pamtOf(entry);
    call.lock(page, SeamCall.EXCLUSIVE, Operand.RCX);
    call.requireTracked(tdcs, entry, page);

    boolean remember = tdcs.opState().importInProgress();
    regs.rcx = page.hpa();
    entry.clear(remember ? SeptState.REMOVED : SeptState.FREE);
    tdcs.tdr().removeChild(at.level());
    page.free();
    return Status.SUCCESS;
  }
}
