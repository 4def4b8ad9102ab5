package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.Tdr;

/** TDH.MNG.KEY.FREEID, leaf 20: frees the TD's KeyID once every package wrote back its caches. */
final class TdhMngKeyFreeid implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    Tdr tdr = call.lockTdr(call.regs().rcx, Operand.RCX, SeamCall.EXCLUSIVE);
    Refusal.unless(tdr.lifecycle() == LifecycleState.TD_BLOCKED, Status.LIFECYCLE_STATE_INCORRECT);
    Kot kot = call.platform().kot();
    call.lock(kot.lock(), SeamCall.EXCLUSIVE, Status.with(Status.OPERAND_BUSY, Operand.KOT));
    Refusal.unless(kot.packagesToWriteBack(tdr.keyId()) == 0, Status.WBCACHE_NOT_COMPLETE);

    kot.set(tdr.keyId(), Kot.State.FREE);
    tdr.setLifecycle(LifecycleState.TD_TEARDOWN);
    return Status.SUCCESS;
  }
}
