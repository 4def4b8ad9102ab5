package org.swtdx.tdxmodule.vp;

import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.tdxmodule.leaf.GpaMapping;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdParameters;

/**
 * A guest access, by an instruction or by a leaf on its behalf, that the second-level translation
 * refuses: #PF for address bits that the TD does not have, #VE for a pending page unless the TD
 * disabled that, else a TD exit.
 */
public final class EptViolation {
  static final long NMI_UNBLOCKING = 1 << 12;
  static final int BLOCKING_BY_NMI = 1 << 3;

  private static final long PAGE = -4096;
  private static final long LINEAR_ADDRESS_VALID = 1 << 7;

  // Page-fault error code, SDM Vol. 3A, 4.7.
  private static final int PRESENT = 1;
  private static final int WRITE = 1 << 1;
  private static final int USER = 1 << 2;
  private static final int RESERVED = 1 << 3;
  private static final int FETCH = 1 << 4;
  private static final int USER_LEVEL = 3;

  private EptViolation() {}

  /**
   * Handles a violation.
   *
   * @param gpa guest physical address
   * @param gla guest linear address, 0 if there is none
   * @param qualification exit qualification
   * @return true to resume the guest, which takes #PF or #VE; false to leave the TD
   */
  public static boolean handle(GuestContext vcpu, long gpa, long gla, long qualification) {
    if ((qualification & NMI_UNBLOCKING) != 0) {
      vcpu.state().setInterruptibility(vcpu.state().interruptibility() | BLOCKING_BY_NMI);
    }
    TdParameters td = vcpu.td();
    if ((gpa & td.reservedAddressBits()) != 0 && (qualification & LINEAR_ADDRESS_VALID) != 0) {
      if (vcpu.events().pageFault(gla, reservedBits(vcpu, qualification))) {
        return true;
      }
      vcpu.shutDown();
      vcpu.tdExit().failed(Status.NON_RECOVERABLE_VCPU, ExitReason.TRIPLE_FAULT.number(), 0, 0);
      return false;
    }
    Tdcs tdcs = vcpu.tdcs();
    long extended = ExtendedQualification.NONE;
    if ((gpa & td.sharedBit()) == 0) {
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

  /**
   * The error code of a page fault for bits above the TD's address width or its MAXPA, which are
   * reserved even where the processor's own width is larger.
   */
  private static int reservedBits(GuestContext vcpu, long qualification) {
    return PRESENT
        | RESERVED
        | ((qualification & GuestPhysicalMap.WRITE) != 0 ? WRITE : 0)
        | ((qualification & GuestPhysicalMap.EXECUTE) != 0 ? FETCH : 0)
        | (vcpu.state().cpl() == USER_LEVEL ? USER : 0);
  }

  private static boolean pending(Tdcs tdcs, long gpa) {
    SeptState state = tdcs.sept().walkAsGuest(gpa, 0).state();
    return state == SeptState.PENDING || state == SeptState.PENDING_EXPORTED_DIRTY;
  }

  /**
   * Handles a violation of a leaf's own access to guest memory, which no guest linear address led
   * to and which tells nothing about zero-stepping.
   *
   * @param access what the leaf wanted, {@link GuestPhysicalMap#READ} or {@link
   *     GuestPhysicalMap#WRITE}, which includes reading
   * @param fault why it could not
   * @return true to resume the guest, which takes #VE; false to leave the TD
   */
  public static boolean ofLeaf(GuestContext vcpu, long gpa, int access, EptFault fault) {
    int wanted = access | GuestPhysicalMap.READ;
    long qualification = wanted & ~(fault.permissions >>> 3) | fault.permissions;
    Tdcs tdcs = vcpu.tdcs();
    boolean shared = (gpa & vcpu.td().sharedBit()) != 0;
    boolean pending = !shared && pending(tdcs, gpa);
    boolean convertible =
        shared
            ? fault.convertible && !fault.misconfiguration
            : pending && (tdcs.tdCtls & Tdcs.CTLS_PENDING_VE_DISABLE) == 0;
    if (convertible) {
      vcpu.events().virtualizationOfAccess(qualification, 0, gpa);
      return true;
    }
    if (shared && fault.misconfiguration) {
      vcpu.tdExit().eptMisconfiguration(gpa);
    } else {
      vcpu.tdExit()
          .eptViolation(
              gpa,
              qualification,
              pending ? ExtendedQualification.PENDING_EPT_VIOLATION : ExtendedQualification.NONE);
    }
    return false;
  }

  /**
   * Leaves the TD because of an entry that a leaf cannot work on, which would have written the
   * page.
   *
   * @param type {@link ExtendedQualification#ACCEPT} or {@link ExtendedQualification#ATTR_WR}
   */
  public static void ofEntry(GuestContext vcpu, long type, GpaMapping at, SeptEntry entry) {
    vcpu.tdExit()
        .eptViolation(
            at.gpa(),
            GuestPhysicalMap.WRITE | entry.permissions() << 3,
            ExtendedQualification.of(type, at.level(), entry));
  }
}
