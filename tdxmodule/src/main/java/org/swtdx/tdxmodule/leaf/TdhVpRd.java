package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.Tdvps;

/** TDH.VP.RD, leaf 26: reads a vCPU-scope metadata field; version 1 tells which one follows. */
final class TdhVpRd implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long field = regs.rdx;
    boolean enumerates = call.version() > 0;
    if (enumerates) {
      regs.rdx = FieldTable.NO_FIELD;
    }
    regs.r8 = 0;
    Tdvps vcpu = VcpuAccess.open(call, true);
    AccessMode mode = TdFields.hostMode(vcpu.tdr().tdcs());
    if (enumerates && FieldTable.isNoField(field)) {
      regs.rdx = VcpuFields.TABLE.firstReadable(mode);
      return Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT;
    }

    regs.r8 = VcpuFields.TABLE.read(vcpu, field, mode);
    if (enumerates) {
      regs.rdx = VcpuFields.TABLE.nextReadable(field, mode);
    }
    return Status.SUCCESS;
  }
}
