package org.swtdx.tdxmodule.guest;

import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.tdxmodule.metadata.AccessMode;
import org.swtdx.tdxmodule.metadata.FieldTable;
import org.swtdx.tdxmodule.metadata.MetadataList;
import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDG.SYS.RDALL (12): writes a metadata list with all platform-scope fields that a guest may read,
 * or those that fit, from a field on.
 */
final class TdgSysRdall implements GuestLeaf {
  @Override
  public long execute(TdCall call) throws Refusal {
    long gpa = call.get(Operand.RDX);
    long first = call.get(Operand.R8);
    call.set(Operand.R8, FieldTable.NO_FIELD);
    call.checkPrivateGpa(gpa, MetadataList.SIZE, Operand.RDX);
    long target = call.locate(gpa, GuestPhysicalMap.WRITE);
    if (target == TdCall.NOT_ACCESSIBLE) {
      call.set(Operand.R8, first); // the guest executes the leaf again
      return call.interruption();
    }
    TdxPlatform platform = call.vcpu().platform();
    long next =
        MetadataList.write(
            PlatformFields.TABLE, platform, AccessMode.GUEST, first, platform.bus(), target);
    call.set(Operand.R8, next);
    return next == FieldTable.NO_FIELD ? Status.SUCCESS : Status.METADATA_LIST_OVERFLOW;
  }
}
