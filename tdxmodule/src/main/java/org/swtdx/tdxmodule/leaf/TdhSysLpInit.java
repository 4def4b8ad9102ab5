package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.SystemState;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/** TDH.SYS.LP.INIT, leaf 35: once on each LP after TDH.SYS.INIT. */
final class TdhSysLpInit implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    call.regs().rcx = 0;
    call.regs().rdx = 0;
    call.regs().r8 = 0;
    call.lock(platform.globalLock(), SeamCall.SHARED, Status.SYS_BUSY);
    Refusal.unless(platform.state() == SystemState.SYSINIT_DONE, Status.SYS_LP_INIT_NOT_PENDING);
    Refusal.unless(!platform.lpInitialized(call.lp()), Status.SYS_LP_INIT_DONE);
    platform.seed(call.lp());
    platform.checkConsistent(call.lp());
    Refusal.unless(platform.initializeLp(call.lp()), Status.SYS_LP_INIT_DONE);
    return Status.SUCCESS;
  }
}
