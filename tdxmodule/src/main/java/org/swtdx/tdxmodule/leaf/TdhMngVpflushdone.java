package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.Tdr;

/** TDH.MNG.VPFLUSHDONE, leaf 19: no LP holds state of the TD any more; its KeyID may be flushed. */
final class TdhMngVpflushdone implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    Tdr tdr = call.lockTdr(call.regs().rcx, Operand.RCX, SeamCall.EXCLUSIVE);
    Kot kot = call.platform().kot();
    call.lock(kot.lock(), SeamCall.EXCLUSIVE, Status.with(Status.OPERAND_BUSY, Operand.KOT));
    Refusal.unless(
        tdr.lifecycle() == LifecycleState.TD_HKID_ASSIGNED
            || tdr.lifecycle() == LifecycleState.TD_KEYS_CONFIGURED,
        Status.LIFECYCLE_STATE_INCORRECT);
    Refusal.unless(tdr.tdcs().associatedVcpus().get() == 0, Status.FLUSHVP_NOT_DONE);

    kot.flush(tdr.keyId(), call.platform().allPackages());
    tdr.setLifecycle(LifecycleState.TD_BLOCKED);
    return Status.SUCCESS;
  }
}
