package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.SystemState;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.SYS.KEY.CONFIG, leaf 31: once on each package, gives the memory controller the key of the
 * module's own KeyID.
 */
final class TdhSysKeyConfig implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    call.lock(platform.globalLock(), SeamCall.EXCLUSIVE, Status.SYS_BUSY);
    Refusal.unless(
        platform.state() == SystemState.SYSCONFIG_DONE, Status.SYS_KEY_CONFIG_NOT_PENDING);
    long done = platform.packagesWithGlobalKey();
    long bit = 1L << call.lp().packageId();
    if ((done & bit) != 0) {
      return Status.KEY_CONFIGURED;
    }
    Refusal.unless(!platform.disturbances().noEntropy(), Status.KEY_GENERATION_FAILED);

    if (done == 0) { // one memory behind all packages: the first one chooses the key
      platform.bus().programKey(platform.globalKeyId());
    }
    platform.setPackagesWithGlobalKey(done | bit);
    if ((done | bit) == platform.allPackages()) {
      platform.setState(SystemState.SYS_READY);
    }
    return Status.SUCCESS;
  }
}
