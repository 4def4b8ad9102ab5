package org.swtdx.tdxmodule.leaf;

import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.PHYMEM.PAGE.WBINVD, leaf 41: writes back and invalidates the cache lines of a free page under
 * the KeyID in the upper bits of RCX. The model's caches are always clean; the checks remain.
 */
final class TdhPhymemPageWbinvd implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    PhysicalAddressLayout layout = call.platform().layout();
    long keyed = call.regs().rcx;
    Refusal.operandInvalidIf(keyed >>> layout.maxPhysicalAddressBits() != 0, Operand.RCX);
    call.lockPage(layout.hpaOf(keyed), Operand.RCX, SeamCall.SHARED, PageType.NDA);
    return Status.SUCCESS;
  }
}
