package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.sept.SecureEpt;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDH.MEM.SEPT.RD, leaf 25: reads an entry of the Secure EPT. */
final class TdhMemSeptRd implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    regs.r8 = 0;
    MemTarget target = MemTarget.lock(call, 0, MemTarget.ROOT_LEVEL);
    Tdcs tdcs = target.tdcs();
    GpaMapping at = target.at();
    SecureEpt sept = tdcs.sept();
    call.lock(
        sept.treeLock(), SeamCall.SHARED, Status.with(Status.OPERAND_BUSY, Operand.SEPT_TREE));
    SeptEntry entry = call.walk(sept, at);

    regs.rcx = entry.architectural();
    regs.rdx = entry.levelAndState();
    return Status.SUCCESS;
  }
}
