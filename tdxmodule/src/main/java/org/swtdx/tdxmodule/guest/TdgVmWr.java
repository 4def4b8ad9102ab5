package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDG.VM.WR (8): writes bits of a TD-scope metadata field. */
final class TdgVmWr implements GuestLeaf {
  private final FieldLeaf<Tdcs> fields = new FieldLeaf<>(TdFields.TABLE, TdCall::tdcs, true);

  @Override
  public long execute(TdCall call) throws Refusal {
    return fields.write(call);
  }
}
