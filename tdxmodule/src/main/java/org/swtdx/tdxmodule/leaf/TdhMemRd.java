package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/** TDH.MEM.RD, leaf 12: reads eight bytes of a debuggable TD's private memory. */
final class TdhMemRd implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    call.regs().r8 = 0;
    long keyed = DebugMemory.locate(call);
    call.regs().r8 = call.platform().bus().load(keyed, 8);
    return Status.SUCCESS;
  }
}
