package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.sept.SecureEpt;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** Finds the eight bytes of a debuggable TD's private memory that TDH.MEM.RD and WR name. */
final class DebugMemory {
  private static final int SIZE = 8;

  private DebugMemory() {}

  /** Checks RCX (GPA) and RDX (TD), locks the entry, and returns the keyed HPA. */
  static long locate(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long gpa = regs.rcx;
    long tdrHpa = regs.rdx;
    regs.rcx = 0;
    regs.rdx = 0;
    Tdcs tdcs = call.checkOpState(call.lockTdr(tdrHpa, Operand.RDX, SeamCall.SHARED));
    Refusal.unless(tdcs.debug(), Status.TD_NON_DEBUG);
    Refusal.operandInvalidIf((gpa & SIZE - 1) != 0, Operand.RCX);
    SecureEpt sept = tdcs.sept();
    call.lock(
        sept.treeLock(), SeamCall.SHARED, Status.with(Status.OPERAND_BUSY, Operand.SEPT_TREE));
    SeptEntry entry = call.walkToPresentLeaf(tdcs, gpa);
    call.lock(entry);
    call.requireState(entry);
    return call.platform().layout().keyed(entry.hpaOf(gpa), tdcs.tdr().keyId());
  }
}
