package org.swtdx.tdxmodule.vp;

import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * A guest access, by an instruction or by a leaf on its behalf, that the second-level translation
 * refuses: #VE for a pending page unless the TD disabled that, else a TD exit.
 */
public final class EptViolation {
  static final long NMI_UNBLOCKING = 1 << 12;
  static final int BLOCKING_BY_NMI = 1 << 3;

  private static final long PAGE = -4096;

  private EptViolation() {}

  /**
   * Handles a violation.
   *
   * @param gpa guest physical address
   * @param gla guest linear address, 0 if there is none
   * @param qualification exit qualification
   * @return true to resume the guest, which takes #VE; false to leave the TD
   */
  public static boolean handle(GuestContext vcpu, long gpa, long gla, long qualification) {
    if ((qualification & NMI_UNBLOCKING) != 0) {
      vcpu.state().setInterruptibility(vcpu.state().interruptibility() | BLOCKING_BY_NMI);
    }
    Tdcs tdcs = vcpu.tdcs();
    long extended = ExtendedQualification.NONE;
    if (gpa >>> vcpu.td().guestPhysicalAddressWidth() - 1 == 0) {
      if (pending(tdcs, gpa)) {
        if ((tdcs.tdCtls & Tdcs.CTLS_PENDING_VE_DISABLE) == 0) {
          vcpu.events().virtualizationOfAccess(qualification, gla, gpa);
          return true;
        }
        extended = ExtendedQualification.PENDING_EPT_VIOLATION;
      }
      vcpu.zeroStepDefence().log(gpa & PAGE);
    }
    vcpu.tdExit().eptViolation(gpa, qualification, extended);
    return false;
  }

  private static boolean pending(Tdcs tdcs, long gpa) {
    SeptState state = tdcs.sept().walkAsGuest(gpa, 0).state();
    return state == SeptState.PENDING || state == SeptState.PENDING_EXPORTED_DIRTY;
  }

  /** Handles a violation of a leaf's own access to guest memory. */
  public static boolean ofLeaf(GuestContext vcpu, long gpa, int access, int permissions) {
    long qualification =
        (access & GuestPhysicalMap.READ) != 0 ? GuestPhysicalMap.READ : GuestPhysicalMap.WRITE;
    return handle(vcpu, gpa, 0, qualification | permissions);
  }
}
