package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * TDH.MEM.SEPT.ADD, leaf 3: adds a page of free entries to the Secure EPT. Version 1 may do without
 * a page where one exists, and takes pages for nested VMs, of which there are none. Bit 0 of RDX
 * allows that a page exists; the one given is not used then, which bit 63 of R8 says.
 */
final class TdhMemSeptAdd implements HostLeaf {
  private static final long ALLOW_EXISTING = 1;
  private static final long UNUSED = 1L << 63;

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long given = withoutFlag(regs.r8);
    if (call.version() > 0) {
      regs.r8 = given;
      regs.r9 = withoutFlag(regs.r9);
      regs.r10 = withoutFlag(regs.r10);
      regs.r11 = withoutFlag(regs.r11);
    }
    boolean allowExisting = (regs.rdx & ALLOW_EXISTING) != 0;
    regs.rdx &= ~ALLOW_EXISTING;
    MemTarget target = MemTarget.lock(call, 1, MemTarget.ROOT_LEVEL);
    Tdcs tdcs = target.tdcs();
    SeptEntry entry = call.lockEntry(tdcs, target.at(), SeamCall.SHARED);
    call.requireState(entry);
    boolean exists = entry.state() != SeptState.FREE;
    if (given == NullPage.ADDRESS) {
      Refusal.operandInvalidIf(call.version() == 0, Operand.R8);
    }
    if (exists != (given == NullPage.ADDRESS) && !(exists && allowExisting)) {
      throw call.septRefusal(entry, Status.EPT_ENTRY_STATE_INCORRECT);
    }
    PamtEntry page =
        exists ? null : call.lockPage(given, Operand.R8, SeamCall.EXCLUSIVE, PageType.NDA);
    if (call.version() > 0) {
      NullPage.requireForNestedVms(regs);
    }

    if (page != null) {
      call.platform().takePage(given, tdcs.tdr().keyId());
      page.assign(PageType.EPT, tdcs.tdr().hpa());
      tdcs.tdr().addChild(PageSize.LEVEL_4K);
      entry.link(given);
    }
    if (call.version() > 0) {
      regs.r8 = exists ? given | UNUSED : NullPage.ADDRESS;
    }
    return Status.SUCCESS;
  }

  private static long withoutFlag(long page) {
    return page == NullPage.ADDRESS ? page : page & ~UNUSED;
  }
}
