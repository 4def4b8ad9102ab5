package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/** TDH.VP.FLUSH, leaf 18: takes a vCPU's state off the LP that it is associated with. */
final class TdhVpFlush implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    Tdvps vcpu = call.lockTdvps(call.regs().rcx, Operand.RCX, SeamCall.EXCLUSIVE);
    Tdr tdr = call.lockOwner(vcpu, SeamCall.SHARED);
    Refusal.unless(
        tdr.lifecycle() == LifecycleState.TD_KEYS_CONFIGURED, Status.TD_KEYS_NOT_CONFIGURED);
    Refusal.unless(vcpu.pages().size() == Tdvps.BASE_PAGES, Status.TDCX_NUM_INCORRECT);
    Refusal.unless(vcpu.dissociate(call.lp().index()), Status.VCPU_NOT_ASSOCIATED);
    return Status.SUCCESS;
  }
}
