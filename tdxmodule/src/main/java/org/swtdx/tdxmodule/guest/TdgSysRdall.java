package org.swtdx.tdxmodule.guest;

import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.tdxmodule.metadata.AccessMode;
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
    call.checkPrivateGpa(gpa, MetadataList.SIZE, Operand.RDX);
    long target = call.locate(gpa, GuestPhysicalMap.WRITE);
    if (target == TdCall.NOT_ACCESSIBLE) {
      return call.interruption();
    }
    TdxPlatform platform = call.vcpu().platform();
    long next =
        MetadataList.write(
            PlatformFields.TABLE,
            platform,
            AccessMode.GUEST,
            call.get(Operand.R8),
            platform.bus(),
            target);
    call.set(Operand.R8, next);
    return Status.SUCCESS;
  }
}
