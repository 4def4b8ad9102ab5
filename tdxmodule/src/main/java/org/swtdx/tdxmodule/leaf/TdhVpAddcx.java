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
import org.swtdx.tdxmodule.vp.VcpuState;

/** TDH.VP.ADDCX, leaf 4: gives a vCPU one more control page. */
final class TdhVpAddcx implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    Tdvps vcpu = call.lockTdvps(regs.rdx, Operand.RDX, SeamCall.EXCLUSIVE);
    Tdr tdr = call.lockOwner(vcpu, SeamCall.SHARED);
    call.checkOpState(tdr);
    Refusal.unless(vcpu.state() == VcpuState.UNINITIALIZED, Status.VCPU_STATE_INCORRECT);
    Refusal.unless(vcpu.pages().size() < Tdvps.BASE_PAGES, Status.TDCX_NUM_INCORRECT);
    PamtEntry page = call.lockPage(regs.rcx, Operand.RCX, SeamCall.EXCLUSIVE, PageType.NDA);

    call.platform().takePage(regs.rcx, tdr.keyId());
    page.assign(PageType.TDCX, tdr.hpa());
    vcpu.pages().add(regs.rcx);
    tdr.addChild(PageSize.LEVEL_4K);
    return Status.SUCCESS;
  }
}
