package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.ExtendedQualification;

/** TDG.MEM.PAGE.ATTR.RD (23): size, state and attributes of the page at a GPA. */
final class TdgMemPageAttrRd implements GuestLeaf {
  @Override
  public long execute(TdCall call) throws Refusal {
    try {
      return read(call);
    } catch (Refusal refusal) {
      PageAttributes.clear(call);
      throw refusal;
    }
  }

  private static long read(TdCall call) throws Refusal {
    long gpa = call.get(Operand.RCX);
    call.checkPrivateGpa(gpa, 1, Operand.RCX); // of any byte in the page
    SeptEntry entry = call.tdcs().sept().walkAsGuest(gpa, 0);
    call.lock(entry);
    try {
      SeptState state = entry.state();
      if (!call.accepts(state)) {
        call.vcpu().tdExit().eptViolation(gpa, 0, ExtendedQualification.NONE);
        return TdCall.LEAVE_AND_REPEAT;
      }
      PageAttributes.report(call, gpa, entry, state);
      return Status.SUCCESS;
    } finally {
      entry.unlock();
    }
  }
}
