package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.vp.Tdvps;

/** TDG.VP.WR (10): writes bits of a field of the calling vCPU. */
final class TdgVpWr implements GuestLeaf {
  private final FieldLeaf<Tdvps> fields =
      new FieldLeaf<>(VcpuFields.TABLE, call -> call.vcpu().tdvps(), true);

  @Override
  public long execute(TdCall call) throws Refusal {
    return fields.write(call);
  }
}
