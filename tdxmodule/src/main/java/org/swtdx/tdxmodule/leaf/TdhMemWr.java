package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/** TDH.MEM.WR, leaf 14: writes eight bytes of a debuggable TD's private memory. */
final class TdhMemWr implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    long value = call.regs().r8;
    call.regs().r8 = 0;
    long keyed = DebugMemory.locate(call);
    long old = call.platform().bus().load(keyed, 8);
    call.platform().bus().store(keyed, 8, value);
    call.regs().r8 = old;
    return Status.SUCCESS;
  }
}
