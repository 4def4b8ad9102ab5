package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/** TDH.PHYMEM.PAGE.RDMD, leaf 24: reads what the PAMT knows of a page. */
final class TdhPhymemPageRdmd implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long hpa = regs.rcx;
    PageOutputs.clear(regs);
    call.checkPrivateHpa(hpa, PageSize.bytes(PageSize.LEVEL_4K), Operand.RCX);
    PamtEntry page = call.lockLeaf(hpa, Operand.RCX, PageSize.LEVEL_4K, SeamCall.SHARED);

    PageOutputs.set(regs, page);
    if (page.type() == PageType.REG || page.type() == PageType.EPT) {
      regs.r9 = page.bepoch();
    }
    return Status.SUCCESS;
  }
}
