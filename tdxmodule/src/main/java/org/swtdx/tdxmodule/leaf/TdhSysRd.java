package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/** TDH.SYS.RD, leaf 34: reads a platform-scope metadata field and tells which one follows. */
final class TdhSysRd implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long field = regs.rdx;
    regs.rdx = FieldTable.NO_FIELD;
    regs.r8 = 0;
    Refusal.unless(call.platform().lpInitialized(call.lp()), Status.SYS_LP_INIT_NOT_DONE);
    FieldTable<TdxPlatform> table = PlatformFields.TABLE;
    if (FieldTable.isNoField(field)) {
      regs.rdx = table.firstReadable(AccessMode.HOST);
      return Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT;
    }

    regs.r8 = table.read(call.platform(), field, AccessMode.HOST);
    regs.rdx = table.nextReadable(field, AccessMode.HOST);
    return Status.SUCCESS;
  }
}
