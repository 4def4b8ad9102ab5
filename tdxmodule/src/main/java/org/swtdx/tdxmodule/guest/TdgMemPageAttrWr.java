package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.leaf.GpaMapping;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.EptViolation;
import org.swtdx.tdxmodule.vp.ExtendedQualification;

/**
 * TDG.MEM.PAGE.ATTR.WR (24): changes attributes of a page for nested VMs. A TD here has none, and
 * those of the TD itself cannot be changed, so that the only request is the empty one, which reads.
 */
final class TdgMemPageAttrWr implements GuestLeaf {
  private static final int VMS = 4;
  private static final int ATTRIBUTE_BITS = 0xffff;

  @Override
  public long execute(TdCall call) throws Refusal {
    try {
      return confirm(call);
    } catch (Refusal refusal) {
      PageAttributes.clear(call);
      throw refusal;
    }
  }

  private static long confirm(TdCall call) throws Refusal {
    checkVms(call.get(Operand.RDX), call.get(Operand.R8));
    GpaMapping at =
        GpaMapping.parse(call.get(Operand.RCX), call.tdcs(), PageSize.LEVEL_4K, PageSize.LEVEL_1G);
    SeptEntry entry = call.tdcs().sept().walkAsGuest(at.gpa(), at.level());
    if (entry.level() != at.level()) {
      return leave(call, at, entry);
    }
    call.lock(entry);
    try {
      SeptState state = entry.state();
      if (state.isNonLeaf()) {
        throw new Refusal(Status.PAGE_SIZE_MISMATCH, at.level());
      }
      if (!call.accepts(state)) {
        return leave(call, at, entry);
      }
      PageAttributes.report(call, at.gpa(), entry, state);
      return Status.SUCCESS;
    } finally {
      entry.unlock();
    }
  }

  /** Attributes and flags of each VM in turn, the TD itself first. */
  private static void checkVms(long attributes, long flags) throws Refusal {
    for (int vm = 0; vm < VMS; vm++) {
      int shift = 16 * vm;
      Refusal.operandInvalidIf((attributes >>> shift & ATTRIBUTE_BITS) != 0, Operand.RDX);
      Refusal.operandInvalidIf((flags >>> shift & ATTRIBUTE_BITS) != 0, Operand.R8);
    }
  }

  private static long leave(TdCall call, GpaMapping at, SeptEntry entry) {
    EptViolation.ofEntry(call.vcpu(), ExtendedQualification.ATTR_WR, at, entry);
    return TdCall.LEAVE_AND_REPEAT;
  }
}
