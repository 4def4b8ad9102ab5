package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDH.MNG.RD, leaf 11: reads a TD-scope metadata field; version 1 tells which one follows. */
final class TdhMngRd implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long field = regs.rdx;
    boolean enumerates = call.version() > 0;
    if (enumerates) {
      regs.rdx = FieldTable.NO_FIELD;
    }
    regs.r8 = 0;
    Tdcs tdcs = call.checkOpState(call.lockTdr(regs.rcx, Operand.RCX, SeamCall.SHARED));
    AccessMode mode = TdFields.hostMode(tdcs);
    if (enumerates && FieldTable.isNoField(field)) {
      regs.rdx = TdFields.TABLE.firstReadable(mode);
      return Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT;
    }

    regs.r8 = TdFields.TABLE.read(tdcs, field, mode);
    if (enumerates) {
      regs.rdx = TdFields.TABLE.nextReadable(field, mode);
    }
    return Status.SUCCESS;
  }
}
