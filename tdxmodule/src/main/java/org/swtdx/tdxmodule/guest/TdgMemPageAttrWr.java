package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.leaf.GpaMapping;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.ExtendedQualification;

/**
 * TDG.MEM.PAGE.ATTR.WR (24): changes attributes of a page for nested VMs, of which a TD here has
 * none, so that the only request with an effect is the one that changes nothing and reads back.
 */
final class TdgMemPageAttrWr implements GuestLeaf {
  private static final long TD_MASK = 0xffff;

  @Override
  public long execute(TdCall call) throws Refusal {
    GpaMapping at =
        GpaMapping.parse(call.get(Operand.RCX), call.tdcs(), PageSize.LEVEL_4K, PageSize.LEVEL_2M);
    long attributes = call.get(Operand.RDX);
    long mask = call.get(Operand.R8);
    Refusal.operandInvalidIf((attributes & ~TD_MASK) != 0, Operand.RDX);
    Refusal.operandInvalidIf((mask & ~TD_MASK) != 0, Operand.R8);
    Refusal.unless(((attributes ^ PageAttributes.OF_TD) & mask) == 0, Status.PAGE_ATTR_INVALID);
    SeptEntry entry = call.tdcs().sept().walkAsGuest(at.gpa(), at.level());
    SeptState state = entry.state();
    if (entry.level() == at.level() && state == SeptState.NL_MAPPED) {
      return Status.with(Status.PAGE_SIZE_MISMATCH, at.level());
    }
    if (!PageAttributes.mayChange(state)) {
      call.vcpu().tdExit().eptViolation(at.gpa(), 0, ExtendedQualification.ATTR_WR);
      return TdCall.LEAVE_AND_REPEAT;
    }
    if (entry.level() != at.level()) {
      return Status.with(Status.PAGE_SIZE_MISMATCH, entry.level());
    }
    PageAttributes.report(call, at.gpa(), entry, state);
    return Status.SUCCESS;
  }
}
