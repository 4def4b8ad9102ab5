package org.swtdx.cpu.system;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;

/**
 * The checks of VM entry on guest state that keep the engine's own rules meaningful, SDM Vol. 3C
 * 28.3.1: modes that exist, an RIP inside the mode, a known activity state.
 */
final class EntryChecks {
  private EntryChecks() {}

  /** Whether the guest state may be entered. */
  static boolean pass(GuestSystem system) {
    Core core = system.core;
    return modes(core) && instructionPointer(core) && activity(system);
  }

  private static boolean modes(Core core) {
    boolean paging = (core.cr0 & Core.CR0_PG) != 0;
    boolean isProtected = (core.cr0 & Core.CR0_PE) != 0;
    boolean longMode = (core.efer & Core.EFER_LMA) != 0;
    boolean enabled = (core.efer & Core.EFER_LME) != 0;
    if (paging && !isProtected || longMode != (enabled && paging)) {
      return false;
    }
    boolean v86 = (core.flags.control & Flags.VM) != 0;
    int code = core.accessRights[SegmentRegister.CS];
    boolean bothSizes = (code & 3 << 13) == 3 << 13;
    return !longMode || (core.cr4 & Core.CR4_PAE) != 0 && !v86 && !bothSizes;
  }

  private static boolean instructionPointer(Core core) {
    return core.code64 ? core.rip << 7 >> 7 == core.rip : core.rip >>> 32 == 0;
  }

  private static boolean activity(GuestSystem system) {
    boolean blocked =
        (system.interruptibility & (GuestSystem.BLOCKED_BY_STI | GuestSystem.BLOCKED_BY_MOV_SS))
            != 0;
    boolean known =
        system.activity >= GuestSystem.ACTIVE && system.activity <= GuestSystem.WAIT_FOR_SIPI;
    return known && (system.activity == GuestSystem.ACTIVE || !blocked);
  }
}
