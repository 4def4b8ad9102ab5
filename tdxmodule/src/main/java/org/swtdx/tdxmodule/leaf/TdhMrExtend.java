package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.measure.Mrtd;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;

/** TDH.MR.EXTEND, leaf 16: measures 256 bytes of a TD under construction. */
final class TdhMrExtend implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long gpa = regs.rcx;
    long tdrHpa = regs.rdx;
    regs.rcx = 0;
    regs.rdx = 0;
    Tdr tdr = call.lockTdr(tdrHpa, Operand.RDX, SeamCall.EXCLUSIVE);
    Tdcs tdcs = call.checkOpStateUnlocked(tdr);
    Refusal.operandInvalidIf((gpa & Mrtd.CHUNK - 1) != 0, Operand.RCX);
    SeptEntry entry = call.walkToPresentLeaf(tdcs, gpa);
    Refusal.unless(call.acceptsState(entry), Status.EPT_ENTRY_NOT_PRESENT);

    TdxPlatform platform = call.platform();
    long hpa = entry.hpaOf(gpa);
    tdcs.measurement().extend(gpa, platform.bus(), platform.layout().keyed(hpa, tdr.keyId()));
    return Status.SUCCESS;
  }
}
