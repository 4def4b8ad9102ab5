package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.Pamt;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * TDH.MEM.PAGE.PROMOTE, leaf 23: merges 512 mappings that form an aligned contiguous page into one
 * and takes their Secure EPT page out of the tree. With an interrupt pending it ends before it
 * changed anything. Version 1 also reports the pages taken from nested VMs, of which there are
 * none.
 */
final class TdhMemPagePromote implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long mapping = regs.rcx;
    long handle = regs.rdx;
    if (call.version() > 0) {
      NullPage.returnForNestedVms(regs);
    }
    MemTarget target = MemTarget.lock(call, PageSize.LEVEL_2M, PageSize.LEVEL_1G);
    Tdcs tdcs = target.tdcs();
    SeptEntry entry = call.lockEntry(tdcs, target.at(), SeamCall.SHARED);
    call.requireState(entry);
    PamtEntry septPage = call.pamtOf(entry);
    call.lock(septPage, SeamCall.EXCLUSIVE, Operand.RCX);
    call.requireTracked(tdcs, entry, septPage);
    if (!entry.tryLockChildren()) {
      throw call.septRefusal(entry, Status.OPERAND_BUSY);
    }
    boolean done = false;
    try {
      requirePromotable(call, entry);
      if (call.interruptPending()) {
        regs.rcx = mapping;
        regs.rdx = handle;
        return Status.INTERRUPTED_RESTARTABLE;
      }
      merge(call, tdcs, entry);
      done = true;
    } finally {
      if (!done) {
        entry.unlockChildren();
      }
    }

    regs.rcx = septPage.hpa();
    tdcs.tdr().removeChild(PageSize.LEVEL_4K);
    septPage.free();
    return Status.SUCCESS;
  }

  private static void requirePromotable(SeamCall call, SeptEntry entry) throws Refusal {
    if (entry.commonLeafState() == null) {
      throw call.septRefusal(entry, Status.EPT_INVALID_PROMOTE_CONDITIONS);
    }
  }

  private static void merge(SeamCall call, Tdcs tdcs, SeptEntry entry) throws Refusal {
    SeptState state = entry.commonLeafState();
    SeptEntry first = entry.child(0);
    if (state == null || first == null) {
      throw call.septRefusal(entry, Status.EPT_INVALID_PROMOTE_CONDITIONS);
    }
    Pamt pamt = call.platform().pamt();
    PamtEntry large = pamt.implicit(first.hpa(), entry.level());
    call.lock(large, SeamCall.EXCLUSIVE, Operand.RCX);

    pamt.merge(large, tdcs.tdr().hpa());
    entry.merge(state, tdcs.pendingCausesVe());
  }
}
