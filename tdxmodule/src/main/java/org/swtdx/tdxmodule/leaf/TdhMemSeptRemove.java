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

/**
 * TDH.MEM.SEPT.REMOVE, leaf 30: takes a page without used entries out of the Secure EPT. Version 1
 * also reports the pages taken from nested VMs, of which there are none.
 */
final class TdhMemSeptRemove implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    if (call.version() > 0) {
      NullPage.returnForNestedVms(regs);
    }
    MemTarget target = MemTarget.lock(call, 1, MemTarget.ROOT_LEVEL);
    Tdcs tdcs = target.tdcs();
    GpaMapping at = target.at();
    SeptEntry entry = call.lockEntry(tdcs, at, SeamCall.EXCLUSIVE);
    call.requireState(entry);
    PamtEntry page = call.pamtOf(entry);
    call.lock(page, SeamCall.EXCLUSIVE, Operand.RCX);
    call.requireTracked(tdcs, entry, page);
    if (!entry.childrenFree()) {
      throw call.septRefusal(entry, Status.EPT_PAGE_NOT_FREE);
    }

    regs.rcx = entry.hpa();
    entry.clear(SeptState.FREE);
    tdcs.tdr().removeChild(PageSize.LEVEL_4K);
    page.free();
    return Status.SUCCESS;
  }
}
