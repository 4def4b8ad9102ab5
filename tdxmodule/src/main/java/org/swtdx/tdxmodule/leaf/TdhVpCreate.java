package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/** TDH.VP.CREATE, leaf 10: makes a page the root of a new vCPU. */
final class TdhVpCreate implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    Tdr tdr = call.lockTdr(regs.rdx, Operand.RDX, SeamCall.SHARED);
    call.checkOpState(tdr);
    PamtEntry page = call.lockPage(regs.rcx, Operand.RCX, SeamCall.EXCLUSIVE, PageType.NDA);

    call.platform().takePage(regs.rcx, tdr.keyId());
    page.assign(PageType.TDVPR, tdr.hpa());
    call.platform().vcpus().put(regs.rcx, new Tdvps(tdr, regs.rcx));
    tdr.addChild(PageSize.LEVEL_4K);
    return Status.SUCCESS;
  }
}
