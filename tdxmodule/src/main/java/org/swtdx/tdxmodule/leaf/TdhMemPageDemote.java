package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * TDH.MEM.PAGE.DEMOTE, leaf 15: splits a large mapping into 512 unblocked smaller ones below a new
 * Secure EPT page. With an interrupt pending it ends before it changed anything.
 */
final class TdhMemPageDemote implements HostLeaf {
  /** Bit 0 of RDX: how pages for nested VMs are added, of which there are none. */
  private static final long NESTED_SEPT_ADD_MODE = 1;

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long mapping = regs.rcx;
    long handle = regs.rdx;
    regs.rdx &= ~NESTED_SEPT_ADD_MODE;
    MemTarget target = MemTarget.lock(call, PageSize.LEVEL_2M, PageSize.LEVEL_1G);
    Tdcs tdcs = target.tdcs();
    SeptEntry entry = call.lockEntry(tdcs, target.at(), SeamCall.SHARED);
    call.requireState(entry);
    PamtEntry large = call.pamtOf(entry);
    call.requireTracked(tdcs, entry, large);
    PamtEntry septPage = call.lockPage(regs.r8, Operand.R8, SeamCall.EXCLUSIVE, PageType.NDA);
    if (call.interruptPending()) {
      regs.rcx = mapping;
      regs.rdx = handle;
      return Status.INTERRUPTED_RESTARTABLE;
    }
    call.lock(large, SeamCall.EXCLUSIVE, Operand.RCX);

    call.platform().takePage(regs.r8, tdcs.tdr().keyId());
    septPage.assign(PageType.EPT, tdcs.tdr().hpa());
    tdcs.tdr().addChild(PageSize.LEVEL_4K);
    call.platform().pamt().split(large);
    entry.split(regs.r8, entry.state().unblocked(), tdcs.pendingCausesVe());
    return Status.SUCCESS;
  }
}
