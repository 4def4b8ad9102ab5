package org.swtdx.cpu.system;

import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.mmu.MemoryFaults;

/** What a fault of the second-level translation becomes: a VM exit, or #VE. */
final class SecondLevelFaults {
  private static final int LINEAR_VALID = 1 << 7, FINAL_ACCESS = 1 << 8, PERMISSIONS = 0x38;

  private final GuestSystem system;

  SecondLevelFaults(GuestSystem system) {
    this.system = system;
  }

  /** Leaves the access with what {@link MemoryFaults#secondLevel} describes; does not return. */
  GuestFault raise(long linear, long gpaRaw, int access, boolean finalAccess, EptFault fault) {
    boolean hasLinear = linear != MemoryFaults.NO_LINEAR;
    system.exit.guestPhysicalAddress = gpaRaw;
    system.exit.guestLinearAddress = hasLinear ? linear : 0;
    if (fault.misconfiguration) {
      throw system.exit(ExitReason.EPT_MISCONFIGURATION);
    }
    long qualification =
        access
            | fault.permissions & PERMISSIONS
            | fault.qualification
            | (hasLinear ? LINEAR_VALID : 0)
            | (hasLinear && finalAccess ? FINAL_ACCESS : 0);
    if (system.controls.eptViolationVe && fault.convertible && convertible()) {
      system.exit.reason = ExitReason.EPT_VIOLATION.number();
      system.exit.qualification = qualification;
      system.veInformation.fill(system.exit);
      system.exit.clear();
      throw system.core.raise(Core.VE);
    }
    throw system.exit(ExitReason.EPT_VIOLATION, qualification);
  }

  private boolean convertible() {
    return !system.veInformation.valid
        && !system.events.delivering()
        && (system.core.cr0 & Core.CR0_PE) != 0;
  }
}
