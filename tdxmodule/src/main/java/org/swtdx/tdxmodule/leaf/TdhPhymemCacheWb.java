package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.PHYMEM.CACHE.WB, leaf 40: writes back this package's caches for the KeyIDs that wait for it.
 * The model's caches are always clean, so that one call is enough and there is nothing to resume.
 */
final class TdhPhymemCacheWb implements HostLeaf {
  private static final long START = 0;
  private static final long RESUME = 1;

  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    long command = call.regs().rcx;
    Refusal.operandInvalidIf(command != START && command != RESUME, Operand.RCX);
    int packageId = call.lp().packageId();
    call.lock(
        platform.writeBackLock(packageId),
        SeamCall.EXCLUSIVE,
        Status.with(Status.OPERAND_BUSY, Operand.WBCACHE));
    Kot kot = platform.kot();
    call.lock(kot.lock(), SeamCall.SHARED, Status.with(Status.OPERAND_BUSY, Operand.KOT));
    Refusal.unless(command != RESUME, Status.WBCACHE_RESUME_ERROR);

    return kot.writeBack(packageId) == 0 ? Status.NO_HKID_READY_TO_WBCACHE : Status.SUCCESS;
  }
}
