package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDH.MNG.WR, leaf 13: writes bits of a TD-scope metadata field and returns its old value. */
final class TdhMngWr implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long value = regs.r8;
    regs.r8 = 0;
    Tdcs tdcs = call.checkOpState(call.lockTdr(regs.rcx, Operand.RCX, SeamCall.SHARED));
    regs.r8 = TdFields.TABLE.write(tdcs, regs.rdx, value, regs.r9, TdFields.hostMode(tdcs));
    return Status.SUCCESS;
  }
}
