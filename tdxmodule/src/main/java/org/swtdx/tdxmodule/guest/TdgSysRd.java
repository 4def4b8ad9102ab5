package org.swtdx.tdxmodule.guest;

import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Refusal;

/** TDG.SYS.RD (11): reads a platform-scope metadata field and tells which one follows. */
final class TdgSysRd implements GuestLeaf {
  private final FieldLeaf<TdxPlatform> fields =
      new FieldLeaf<>(PlatformFields.TABLE, call -> call.vcpu().platform(), false);

  @Override
  public long execute(TdCall call) throws Refusal {
    return fields.read(call, true);
  }
}
