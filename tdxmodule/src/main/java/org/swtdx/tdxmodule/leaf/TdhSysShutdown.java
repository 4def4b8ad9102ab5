package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.ModuleVersion;
import org.swtdx.tdxmodule.platform.SystemState;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.SYS.SHUTDOWN, leaf 52: ends this module and leaves handoff data for the one that replaces it,
 * so that TDs survive. Fails while another LP is in the module, a vCPU that runs counted.
 */
final class TdhSysShutdown implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    long version = call.regs().rcx;
    Refusal.operandInvalidIf(
        version < ModuleVersion.MIN_UPDATE_HV
            || version > ModuleVersion.MODULE_HV
            || ModuleVersion.NO_DOWNGRADE && version != ModuleVersion.MODULE_HV,
        Operand.RCX);
    call.lock(platform.globalLock(), SeamCall.EXCLUSIVE, Status.with(Status.SYS_BUSY, 0));
    Refusal.unless(platform.state() == SystemState.SYS_READY, Status.SYS_SHUTDOWN);
    // Whoever enters from here on sees the new state; whoever was inside before is counted.
    platform.setState(SystemState.SYS_SHUTDOWN);
    if (platform.range().othersInside(call.lp())) {
      platform.setState(SystemState.SYS_READY);
      return Status.SYS_BUSY;
    }
    platform.handOver((int) version);
    return Status.SUCCESS;
  }
}
