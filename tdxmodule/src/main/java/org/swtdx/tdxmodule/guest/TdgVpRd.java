package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.vp.Tdvps;

/** TDG.VP.RD (9): reads a field of the calling vCPU and tells which one follows. */
final class TdgVpRd implements GuestLeaf {
  private final FieldLeaf<Tdvps> fields =
      new FieldLeaf<>(VcpuFields.TABLE, call -> call.vcpu().tdvps(), true);

  @Override
  public long execute(TdCall call) throws Refusal {
    return fields.read(call, true);
  }
}
