package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.CacheWriteBack;
import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.PHYMEM.CACHE.WB, leaf 40: writes back this package's caches for the KeyIDs that wait for it,
 * in parts; an interrupt between two of them ends the call, and a later one resumes. The model's
 * caches are always clean, so that a part costs nothing.
 */
final class TdhPhymemCacheWb implements HostLeaf {
  private static final long START = 0;
  private static final long RESUME = 1;

  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    long command = call.regs().rcx;
    Refusal.operandInvalidIf(command < START || command > RESUME, Operand.RCX);
    int packageId = call.lp().packageId();
    CacheWriteBack writeBack = platform.writeBack(packageId);
    call.lock(
        writeBack.lock(), SeamCall.EXCLUSIVE, Status.with(Status.OPERAND_BUSY, Operand.WBCACHE));
    Kot kot = platform.kot();
    call.lock(kot.lock(), SeamCall.SHARED, Status.with(Status.OPERAND_BUSY, Operand.KOT));
    if (command == START) {
      Refusal.unless(writeBack.start(kot), Status.NO_HKID_READY_TO_WBCACHE);
    } else {
      Refusal.unless(writeBack.isInterrupted(), Status.WBCACHE_RESUME_ERROR);
    }

    while (!writeBack.writeBackPart()) {
      if (call.interruptPending()) {
        return Status.INTERRUPTED_RESUMABLE;
      }
    }
    writeBack.finish(kot, packageId);
    return Status.SUCCESS;
  }
}
