package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDH.MEM.SEPT.ADD, leaf 3: adds a page of free entries to the Secure EPT. */
final class TdhMemSeptAdd implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    MemTarget target = MemTarget.lock(call, 1, MemTarget.ROOT_LEVEL);
    Tdcs tdcs = target.tdcs();
    GpaMapping at = target.at();
    SeptEntry entry = call.lockEntry(tdcs, at, SeamCall.SHARED);
    if (!call.acceptsState(entry) || entry.state().isNonLeaf()) {
      throw call.septRefusal(entry, Status.EPT_ENTRY_STATE_INCORRECT);
    }
    PamtEntry page = call.lockPage(regs.r8, Operand.R8, SeamCall.EXCLUSIVE, PageType.NDA);

    call.platform().takePage(regs.r8, tdcs.tdr().keyId());
    page.assign(PageType.EPT, tdcs.tdr().hpa());
    tdcs.tdr().addChild(PageSize.LEVEL_4K);
    entry.link(regs.r8);
    return Status.SUCCESS;
  }
}
