package org.swtdx.tdxmodule.guest;

import org.swtdx.cpu.VeInformation;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDG.VP.VEINFO.GET (3): takes the information of the last #VE, after which a next one may come.
 */
final class TdgVpVeinfoGet implements GuestLeaf {
  private static final int[] OUTPUTS = {
    Operand.RCX, Operand.RDX, Operand.R8, Operand.R9, Operand.R10
  };

  @Override
  public long execute(TdCall call) throws Refusal {
    VeInformation ve = call.vcpu().ve();
    for (int output : OUTPUTS) {
      call.set(output, 0);
    }
    Refusal.unless(ve.valid, Status.NO_VALID_VE_INFO);
    call.set(Operand.RCX, Integer.toUnsignedLong(ve.exitReason));
    call.set(Operand.RDX, ve.qualification);
    call.set(Operand.R8, ve.guestLinearAddress);
    call.set(Operand.R9, ve.guestPhysicalAddress);
    call.set(
        Operand.R10,
        Integer.toUnsignedLong(ve.instructionLength) | (long) ve.instructionInfo << 32);
    ve.valid = false;
    return Status.SUCCESS;
  }
}
