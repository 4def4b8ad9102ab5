package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * TDH.MEM.SEPT.RD, leaf 25: reads an entry of the Secure EPT. Bit 0 of RDX asks for the attributes
 * that nested VMs have, for the host of a debuggable TD; R8 is 0 without nested VMs.
 */
final class TdhMemSeptRd implements HostLeaf {
  private static final long NESTED_ATTRIBUTES = 1;

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    boolean nested = (regs.rdx & NESTED_ATTRIBUTES) != 0;
    regs.rdx &= ~NESTED_ATTRIBUTES;
    regs.r8 = 0;
    MemTarget target = MemTarget.lock(call, 0, MemTarget.ROOT_LEVEL);
    Tdcs tdcs = target.tdcs();
    Refusal.operandInvalidIf(nested && !tdcs.debug(), Operand.RDX);
    SeptEntry entry = call.lockEntry(tdcs, target.at(), SeamCall.SHARED);

    regs.rcx = entry.architectural();
    regs.rdx = entry.levelAndState();
    return Status.SUCCESS;
  }
}
