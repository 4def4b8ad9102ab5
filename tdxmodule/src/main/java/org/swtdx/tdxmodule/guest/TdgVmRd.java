package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDG.VM.RD (7): reads a TD-scope metadata field; version 1 tells which one follows. */
final class TdgVmRd implements GuestLeaf {
  private final FieldLeaf<Tdcs> fields = new FieldLeaf<>(TdFields.TABLE, TdCall::tdcs, true);

  @Override
  public long execute(TdCall call) throws Refusal {
    return fields.read(call, call.version() > 0);
  }
}
