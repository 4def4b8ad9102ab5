package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.MetadataList;
import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.SYS.RDALL, leaf 37: writes a metadata list with all readable platform-scope fields, or those
 * that fit, from a field on.
 */
final class TdhSysRdall implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    TdxPlatform platform = call.platform();
    long first = regs.r8;
    regs.r8 = FieldTable.NO_FIELD;
    Refusal.unless(platform.lpInitialized(call.lp()), Status.SYS_LP_INIT_NOT_DONE);
    call.checkSharedHpa(regs.rdx, MetadataList.SIZE, Operand.RDX);
    regs.r8 =
        MetadataList.write(
            PlatformFields.TABLE, platform, AccessMode.HOST, first, platform.bus(), regs.rdx);
    return regs.r8 == FieldTable.NO_FIELD ? Status.SUCCESS : Status.METADATA_LIST_OVERFLOW;
  }
}
