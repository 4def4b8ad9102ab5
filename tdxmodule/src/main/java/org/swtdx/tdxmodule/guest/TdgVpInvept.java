package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDG.VP.INVEPT (26): invalidates translations of the nested VMs in a bitmap. A TD here has none,
 * so that only the empty bitmap is valid.
 */
final class TdgVpInvept implements GuestLeaf {
  @Override
  public long execute(TdCall call) throws Refusal {
    Refusal.operandInvalidIf(call.get(Operand.RCX) != 0, Operand.RCX);
    return Status.SUCCESS;
  }
}
