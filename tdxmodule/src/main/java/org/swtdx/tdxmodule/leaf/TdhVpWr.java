package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.Tdvps;

/** TDH.VP.WR, leaf 43: writes bits of a vCPU-scope metadata field and returns its old value. */
final class TdhVpWr implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long value = regs.r8;
    regs.r8 = 0;
    Tdvps vcpu = VcpuAccess.open(call, false);
    AccessMode mode = TdFields.hostMode(vcpu.tdr().tdcs());
    regs.r8 = VcpuFields.TABLE.write(vcpu, regs.rdx, value, regs.r9, mode);
    return Status.SUCCESS;
  }
}
