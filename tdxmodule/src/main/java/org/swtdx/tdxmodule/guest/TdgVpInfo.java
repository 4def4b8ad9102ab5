package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.GuestContext;

/** TDG.VP.INFO (1): what a guest needs first: address width, attributes, vCPU numbers. */
final class TdgVpInfo implements GuestLeaf {
  private static final long SYS_RD_AVAILABLE = 1;

  @Override
  public long execute(TdCall call) {
    GuestContext vcpu = call.vcpu();
    call.set(Operand.RCX, vcpu.td().guestPhysicalAddressWidth());
    call.set(Operand.RDX, vcpu.td().attributes());
    call.set(Operand.R8, call.tdcs().vcpus().get() | (long) vcpu.td().maxVcpus() << 32);
    call.set(Operand.R9, vcpu.index());
    call.set(Operand.R10, SYS_RD_AVAILABLE);
    call.set(Operand.R11, 0);
    return Status.SUCCESS;
  }
}
