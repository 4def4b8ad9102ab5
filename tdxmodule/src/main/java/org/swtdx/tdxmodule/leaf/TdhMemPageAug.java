package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * TDH.MEM.PAGE.AUG, leaf 6: gives a TD a 4 KiB or 2 MiB page, which the guest must accept before it
 * can use it.
 */
final class TdhMemPageAug implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    MemTarget target = MemTarget.lock(call, PageSize.LEVEL_4K, PageSize.LEVEL_2M);
    Tdcs tdcs = target.tdcs();
    GpaMapping at = target.at();
    SeptEntry entry = call.lockEntry(tdcs, at, SeamCall.SHARED);
    call.requireState(entry);
    PamtEntry page =
        call.lockPage(regs.r8, Operand.R8, at.level(), SeamCall.EXCLUSIVE, PageType.NDA);
    if (at.level() == PageSize.LEVEL_2M && !call.platform().pamt().isWholeLargePageFree(regs.r8)) {
      throw new Refusal(Status.PAGE_METADATA_INCORRECT, Operand.R8);
    }

    page.assign(PageType.REG, tdcs.tdr().hpa());
    tdcs.tdr().addChild(at.level());
    entry.setLeaf(SeptState.PENDING, regs.r8, tdcs.pendingCausesVe());
    return Status.SUCCESS;
  }
}
