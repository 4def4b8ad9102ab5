package org.swtdx.tdxmodule;

import java.util.Map;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.tdxmodule.TdModel.Entry;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;

/** A guest that executes the TDCALLs that its host asks for: RAX in R15, RCX in R14. */
final class GuestLoop {
  private static final int TDCALL_EXIT = 77;

  private GuestLoop() {}

  static GuestCode code() {
    return new GuestCode()
        .hex("e90d000000") // JMP to the request
        .hex("4c89f8 4c89f1 660f01cc 4989c7") // MOV RAX, R15; MOV RCX, R14; TDCALL; MOV R15, RAX
        .vmcall(0xffcc)
        .hex("ebe1"); // JMP to the MOVs
  }

  /** Runs the guest to its first request. */
  static void start(GuestTd guest) {
    long status = guest.enter();
    if (status != TDCALL_EXIT) {
      throw new IllegalStateException("the guest did not start: 0x" + Long.toHexString(status));
    }
  }

  /** The model of a TD that runs this guest. */
  static TdModel adopt(PlatformModel model, GuestTd guest, int keyId) {
    TdModel td = new TdModel(guest.tdr, keyId);
    td.guest = guest;
    td.life = TdModel.Life.ALIVE;
    td.packages = (1 << Host.PACKAGES) - 1;
    td.controlPages = 6;
    td.initialized = true;
    td.runnable = true;
    td.vcpuCount = 1;
    TdModel.Vcpu vcpu = new TdModel.Vcpu(guest.tdvpr);
    vcpu.pages = 6;
    vcpu.ready = true;
    vcpu.lp = 0;
    td.vcpus.add(vcpu);
    for (int i = 0; i < PlatformModel.addresses(); i++) {
      adoptTables(td, guest, model.address(i));
    }
    Map<Long, TdModel> owners = model.owners();
    for (long frame : model.host.frames()) {
      PamtEntry entry = model.host.state().pamt().implicit(frame, 0);
      if (entry.owner() == guest.tdr) {
        owners.put(frame, td);
      }
    }
    if (td.check() != StatusCode.SUCCESS) {
      throw new IllegalStateException("a guest that runs is alive");
    }
    return td;
  }

  private static void adoptTables(TdModel td, GuestTd guest, long gpa) {
    for (int level = TdModel.TOP; level > 0; level--) {
      SeptEntry entry = guest.tdcs().sept().walk(gpa, level);
      if (entry.level() == level && entry.state() == SeptState.NL_MAPPED) {
        td.set(gpa, level, Entry.TABLE, entry.hpa());
      }
    }
  }
}
