package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.GuestContext;

/** TDG.VP.CPUIDVE.SET (5): which privilege levels take #VE on every CPUID. */
final class TdgVpCpuidveSet implements GuestLeaf {
  private static final long DEFINED = GuestContext.CPUID_SUPERVISOR_VE | GuestContext.CPUID_USER_VE;

  @Override
  public long execute(TdCall call) throws Refusal {
    long flags = call.get(Operand.RCX);
    Refusal.operandInvalidIf((flags & ~DEFINED) != 0, Operand.RCX);
    call.vcpu().cpuidSupervisorVe = (int) flags & GuestContext.CPUID_SUPERVISOR_VE;
    call.vcpu().cpuidUserVe = (int) flags >>> 1;
    return Status.SUCCESS;
  }
}
