package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.Tdr;

/**
 * TDH.MNG.KEY.CONFIG, leaf 8: once on each package, gives the memory controller the TD's ephemeral
 * key.
 */
final class TdhMngKeyConfig implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    Tdr tdr = call.lockTdr(call.regs().rcx, Operand.RCX, SeamCall.EXCLUSIVE);
    Refusal.unless(!tdr.fatal(), Status.TD_FATAL);
    Refusal.unless(
        tdr.lifecycle() == LifecycleState.TD_HKID_ASSIGNED, Status.LIFECYCLE_STATE_INCORRECT);
    long done = tdr.configuredPackages();
    long bit = 1L << call.lp().packageId();
    if ((done & bit) != 0) {
      return Status.KEY_CONFIGURED;
    }
    Refusal.unless(!platform.disturbances().noEntropy(), Status.KEY_GENERATION_FAILED);

    if (done == 0) { // one memory behind all packages: the first one chooses the key
      platform.bus().programKey(tdr.keyId());
    }
    tdr.setConfiguredPackages(done | bit);
    if ((done | bit) == platform.allPackages()) {
      tdr.setLifecycle(LifecycleState.TD_KEYS_CONFIGURED);
    }
    return Status.SUCCESS;
  }
}
