package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.ModuleVersion;
import org.swtdx.tdxmodule.platform.SeamRange;
import org.swtdx.tdxmodule.platform.SystemState;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.SYS.UPDATE, leaf 53: instead of configuring itself, a module that was just installed goes on
 * with the handoff data of the one before it and with that one's TDs.
 */
final class TdhSysUpdate implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    call.lock(platform.globalLock(), SeamCall.EXCLUSIVE, Status.SYS_BUSY);
    Refusal.unless(
        platform.state() == SystemState.SYSINIT_DONE && platform.allLpsInitialized(),
        Status.SYS_STATE_INCORRECT);
    SeamRange.Handoff handoff = platform.range().handoff();
    if (handoff == null
        || handoff.version() < ModuleVersion.MIN_UPDATE_HV
        || handoff.version() > ModuleVersion.MODULE_HV) {
      throw new Refusal(Status.SYS_INVALID_HANDOFF);
    }
    platform.takeOver(handoff.data());
    platform.setState(SystemState.SYS_READY);
    return Status.SUCCESS;
  }
}
