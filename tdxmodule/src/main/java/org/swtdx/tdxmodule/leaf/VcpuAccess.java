package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;
import org.swtdx.tdxmodule.vp.VcpuState;

/** The checks that TDH.VP.RD and TDH.VP.WR share. */
final class VcpuAccess {
  private VcpuAccess() {}

  /**
   * Locks the vCPU in RCX and associates it with the calling LP.
   *
   * @param allowDisabled whether the vCPU may have shut down
   */
  static Tdvps open(SeamCall call, boolean allowDisabled) throws Refusal {
    Tdvps vcpu = call.lockTdvps(call.regs().rcx, Operand.RCX, SeamCall.SHARED);
    Tdr tdr = call.lockOwner(vcpu, SeamCall.SHARED);
    call.checkOpState(tdr);
    Refusal.unless(vcpu.pages().size() == Tdvps.BASE_PAGES, Status.TDCX_NUM_INCORRECT);
    VcpuState state = vcpu.state();
    Refusal.unless(
        state == VcpuState.READY || state == VcpuState.DISABLED && allowDisabled,
        Status.VCPU_STATE_INCORRECT);
    Refusal.unless(vcpu.associate(call.lp().index()), Status.VCPU_ASSOCIATED);
    return vcpu;
  }
}
