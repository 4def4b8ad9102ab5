package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * TDH.MEM.SEPT.RD, leaf 25: reads an entry of the Secure EPT. Bit 0 of RDX asks for the attributes
 * that nested VMs have, for the host of a debuggable TD; R8 is then 0 without nested VMs.
 */
final class TdhMemSeptRd implements HostLeaf {
  private static final long NESTED_ATTRIBUTES = 1;

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    boolean nested = (regs.rdx & NESTED_ATTRIBUTES) != 0;
    long mapping = regs.rcx;
    regs.rcx = 0;
    long tdrHpa = regs.rdx & ~NESTED_ATTRIBUTES;
    regs.rdx = 0;
    Tdcs tdcs = call.checkOpState(call.lockTdr(tdrHpa, Operand.RDX, SeamCall.SHARED));
    Refusal.operandInvalidIf(nested && !tdcs.debug(), Operand.RDX);
    GpaMapping at = GpaMapping.parse(mapping, tdcs, 0, tdcs.sept().levels() - 1);
    SeptEntry entry = call.lockEntry(tdcs, at, SeamCall.SHARED);

    if (nested) {
      regs.r8 = 0;
    }
    regs.rcx = entry.architectural();
    regs.rdx = entry.levelAndState();
    return Status.SUCCESS;
  }
}
