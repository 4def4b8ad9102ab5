package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.HostMsrs;
import org.swtdx.tdxmodule.platform.SystemState;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/** TDH.SYS.INIT, leaf 33: starts the bring-up of the module. */
final class TdhSysInit implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    long attributes = call.regs().rcx;
    call.regs().rcx = 0;
    call.regs().rdx = 0;
    call.regs().r8 = 0;
    call.regs().r9 = 0;
    call.regs().r10 = 0;
    call.lock(platform.globalLock(), SeamCall.EXCLUSIVE, Status.SYS_BUSY);
    Refusal.operandInvalidIf(attributes != 0, Operand.RCX);
    Refusal.unless(platform.state() == SystemState.SYSINIT_PENDING, Status.SYS_INIT_NOT_PENDING);
    Refusal.unless(
        (platform.hostMsrs(call.lp()).miscEnable & HostMsrs.LIMIT_CPUID_MAXVAL) == 0,
        Status.LIMIT_CPUID_MAXVAL_SET);
    platform.sample(call.lp());

    platform.setState(SystemState.SYSINIT_DONE);
    return Status.SUCCESS;
  }
}
