package org.swtdx.tdxmodule.metadata;

import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.vp.GuestContext;
import org.swtdx.tdxmodule.vp.HostControls;
import org.swtdx.tdxmodule.vp.Tdvps;

/**
 * The vCPU-scope fields and where their values are. What the host may reach in every TD is here,
 * guest state that only a debug TD shows in {@link VcpuDebugFields}.
 */
public final class VcpuFields {
  /** The fields; TDH.VP.RD and WR, TDG.VP.RD and WR use them. */
  public static final FieldTable<Tdvps> TABLE = new FieldTable<>("vcpu-fields.txt", 2);

  private static final long INTERRUPT_DELIVERABLE = 1;
  private static final int MAX_VECTOR = 255;

  static {
    bindManagement();
    bindGuestControls();
    bindHostControls();
    bindDefences();
    VcpuControlFields.bind(TABLE);
    VcpuNestedFields.bind(TABLE);
    VcpuDebugFields.bind(TABLE);
  }

  private VcpuFields() {}

  private static void bindManagement() {
    TABLE
        .bind("VCPU_STATE", (v, _) -> v.state().number())
        .bind("VCPU_INDEX", (v, _) -> v.guest().index())
        .bind("NUM_TDVPS_PAGES", (v, _) -> v.pages().size())
        .bind("TDVPS_PAGE_PA", (v, i) -> i < v.pages().size() ? v.tdr().keyed(v.pages().get(i)) : 0)
        .bind("ASSOC_LPID", (v, _) -> v.associatedLp())
        .bind("VCPU_EPOCH", (v, _) -> v.guest().epoch)
        .bind("LAST_EXIT_TSC", (v, _) -> v.guest().lastExitTsc)
        .bind("LAST_TD_EXIT", (v, _) -> v.guest().lastExit.number())
        .bind("CURR_VM", (_, _) -> 0)
        .bind("XFAM", (v, _) -> v.guest().td().xfam())
        .bind("VCPU_STATE_DETAILS", (v, _) -> details(v.guest()))
        .bind(
            "PEND_NMI",
            (v, _) -> v.guest().pendNmi,
            (v, _, _, value) -> {
              v.guest().pendNmi = (int) value;
              return true;
            });
  }

  private static void bindDefences() {
    TABLE
        .bind("LAST_SEAMDB_INDEX", (v, _) -> v.guest().lastSeamdbIndex)
        .bind("LAST_EPF_GPA_LIST_IDX", (v, _) -> v.guest().zeroStepDefence().listed())
        .bind("POSSIBLY_EPF_STEPPING", (v, _) -> v.guest().zeroStepDefence().violations())
        .bind("LAST_EPF_GPA_LIST", (v, i) -> v.guest().zeroStepDefence().gpa(i))
        .bind("HP_LOCK_BUSY", (v, _) -> v.guest().hostPrioritySince != 0 ? 1 : 0)
        .bind("HP_LOCK_BUSY_START", (v, _) -> v.guest().hostPrioritySince);
  }

  private static long details(GuestContext vcpu) {
    return vcpu.processor().apic().interruptPending() ? INTERRUPT_DELIVERABLE : 0;
  }

  private static void bindGuestControls() {
    TABLE
        .bind(
            "CPUID_SUPERVISOR_VE",
            (v, _) -> v.guest().cpuidSupervisorVe,
            (v, _, _, value) -> {
              v.guest().cpuidSupervisorVe = (int) value;
              return true;
            })
        .bind(
            "CPUID_USER_VE",
            (v, _) -> v.guest().cpuidUserVe,
            (v, _, _, value) -> {
              v.guest().cpuidUserVe = (int) value;
              return true;
            })
        .bind("CPUID_CONTROL", VcpuFields::cpuidControl, VcpuFields::setCpuidControl);
  }

  /** Elements without a leaf of their own hold a byte like the others, and nothing follows. */
  private static long cpuidControl(Tdvps vcpu, int slot) {
    return vcpu.guest().cpuidControl(slot);
  }

  private static boolean setCpuidControl(Tdvps vcpu, int slot, long old, long value) {
    vcpu.guest().setCpuidControl(slot, (int) value);
    return true;
  }

  private static void bindHostControls() {
    TABLE
        .bind(
            "POSTED_INTERRUPT_NOTIFICATION_VECTOR",
            (v, _) -> v.guest().hostControls().notificationVector(),
            VcpuFields::setNotificationVector)
        .bindAddress(
            "POSTED_INTERRUPT_DESCRIPTOR_ADDRESS",
            (v, _) -> v.guest().hostControls().interruptDescriptor(),
            VcpuFields::setInterruptDescriptor)
        .bind("SHARED_EPTP", (v, _) -> sharedEptp(v), VcpuFields::setSharedEptp)
        .bind(
            "PIN_BASED_VM_EXECTION_CONTROLS",
            (v, _) -> v.guest().hostControls().pinBased(),
            VcpuFields::setPinBased)
        .bind(
            "SECONDARY_PROCESSOR_BASED_VM_EXECTION_CONTROLS",
            (v, _) -> Integer.toUnsignedLong(v.guest().hostControls().secondary()),
            VcpuFields::setSecondary)
        .bind(
            "INSTRUCTION_TIMEOUT_CONTROL",
            (v, _) -> Integer.toUnsignedLong(v.guest().hostControls().instructionTimeout()),
            (v, _, _, value) -> {
              v.guest().hostControls().setInstructionTimeout((int) value);
              return true;
            })
        .bind("EPTP", (v, _) -> v.guest().tdcs().eptp())
        .bind("TD_HKID", (v, _) -> v.tdr().keyId());
  }

  private static boolean setNotificationVector(Tdvps vcpu, int index, long old, long value)
      throws Refusal {
    valid(value >= 0 && value <= MAX_VECTOR);
    vcpu.guest().hostControls().setNotificationVector((int) value);
    return true;
  }

  private static boolean setInterruptDescriptor(Tdvps vcpu, int index, long old, long value)
      throws Refusal {
    valid(isShared(vcpu.guest(), value));
    vcpu.guest().hostControls().setInterruptDescriptor(value);
    return true;
  }

  /** The zero page of the TDCS until the host gives a shared EPT. */
  private static long sharedEptp(Tdvps vcpu) {
    long given = vcpu.guest().hostControls().sharedEptp();
    return given == HostControls.NO_ADDRESS ? zeroPage(vcpu) : given;
  }

  static long zeroPage(Tdvps vcpu) {
    return vcpu.tdr().keyed(vcpu.tdr().tdcxPages().get(Tdcs.ZERO_PAGE));
  }

  private static boolean setSharedEptp(Tdvps vcpu, int index, long old, long value) throws Refusal {
    valid(isShared(vcpu.guest(), value));
    vcpu.guest().hostControls().setSharedEptp(value);
    vcpu.guest().processor().flushTranslations();
    return true;
  }

  private static boolean setPinBased(Tdvps vcpu, int index, long old, long value) throws Refusal {
    HostControls controls = vcpu.guest().hostControls();
    boolean on = (value & HostControls.PROCESS_POSTED_INTERRUPTS) != 0;
    if (on && controls.missingField() >= 0) {
      throw new Refusal(Status.TD_VMCS_FIELD_NOT_INITIALIZED, controls.missingField());
    }
    controls.setPostedInterrupts(on);
    return true;
  }

  /** Bus-lock and notification exits are kept; this processor has no other secondary control. */
  private static boolean setSecondary(Tdvps vcpu, int index, long old, long value) throws Refusal {
    HostControls controls = vcpu.guest().hostControls();
    valid(((old ^ value) & ~Integer.toUnsignedLong(HostControls.BUS_LOCK_AND_NOTIFY)) == 0);
    controls.setSecondary((int) value);
    return true;
  }

  private static boolean isShared(GuestContext vcpu, long hpa) {
    var layout = vcpu.platform().layout();
    return hpa >>> layout.maxPhysicalAddressBits() == 0 && !layout.isTdx(layout.keyIdOf(hpa));
  }

  private static void valid(boolean condition) throws Refusal {
    Refusal.unless(condition, Status.METADATA_FIELD_VALUE_NOT_VALID);
  }
}
