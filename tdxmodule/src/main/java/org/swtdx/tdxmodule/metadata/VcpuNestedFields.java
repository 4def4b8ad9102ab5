package org.swtdx.tdxmodule.metadata;

import org.swtdx.tdxmodule.vp.Tdvps;

/**
 * Fields that TDVPS has for each of four VMs, the TD itself and three nested ones. Nested VMs are
 * not offered: only the elements of the TD itself hold something.
 */
final class VcpuNestedFields {
  /** What stands for no address. */
  private static final long NONE = -1;

  private VcpuNestedFields() {}

  static void bind(FieldTable<Tdvps> table) {
    table
        .bind("VM_LAUNCHED", (v, i) -> i == 0 && v.guest().epoch != 0 ? 1 : 0)
        .bind("LP_DEPENDENT_HPA_UPDATED", VcpuNestedFields::associated)
        .bind("MODULE_DEPENDENT_FIELDS_UPDATED", VcpuNestedFields::associated)
        .bind("TSC_DEADLINE", (_, i) -> first(i, NONE))
        .bind("L2_ENTER_GUEST_STATE_GPA", (_, i) -> first(i, NONE))
        .bind("L2_ENTER_GUEST_STATE_HPA", (_, i) -> first(i, NONE))
        .bind("L2_VAPIC_GPA", (_, i) -> first(i, NONE))
        .bind("L2_VAPIC_HPA", (_, i) -> first(i, NONE))
        .bind("SHADOW_PID_HPA", (v, i) -> first(i, v.guest().hostControls().interruptDescriptor()))
        .bind("SHADOW_PINBASED_EXEC_CTLS", (v, i) -> first(i, v.guest().hostControls().pinBased()))
        .bind(
            "SHADOW_PROCBASED_EXEC_CTLS2",
            (v, i) -> first(i, Integer.toUnsignedLong(v.guest().hostControls().secondary())))
        .bind(
            "SHADOW_POSTED_INT_NOTIFICATION_VECTOR",
            (v, i) -> first(i, v.guest().hostControls().notificationVector()))
        .bind("SHADOW_SHARED_EPTP", (v, i) -> first(i, v.guest().hostControls().sharedEptp()))
        .bind(
            "SHADOW_INSTRUCTION_TIMEOUT_CONTROL",
            (v, i) ->
                first(i, Integer.toUnsignedLong(v.guest().hostControls().instructionTimeout())))
        .bindConstant(
            0,
            "NMI_UNBLOCKING_DUE_TO_IRET",
            "L2_EXIT_HOST_ROUTING",
            "L2_CTLS",
            "L2_DEBUG_CTLS",
            "SHADOW_TSC_DEADLINE",
            "BASE_L2_CR0_GUEST_HOST_MASK",
            "BASE_L2_CR0_READ_SHADOW",
            "BASE_L2_CR4_GUEST_HOST_MASK",
            "BASE_L2_CR4_READ_SHADOW",
            "SHADOW_CR0_GUEST_HOST_MASK",
            "SHADOW_CR0_READ_SHADOW",
            "SHADOW_CR4_GUEST_HOST_MASK",
            "SHADOW_CR4_READ_SHADOW",
            "SHADOW_PLE_GAP",
            "SHADOW_PLE_WINDOW",
            "VE_INFO_GPA",
            "VE_INFO_HPA")
        .absent("L2_VMCS_1", "L2_MSR_BITMAPS_1", "L2_SHADOW_MSR_BITMAPS_1")
        .absent("L2_VMCS_2", "L2_MSR_BITMAPS_2", "L2_SHADOW_MSR_BITMAPS_2")
        .absent("L2_VMCS_3", "L2_MSR_BITMAPS_3", "L2_SHADOW_MSR_BITMAPS_3");
  }

  private static long associated(Tdvps vcpu, int vm) {
    return vm == 0 && vcpu.associatedLp() != Tdvps.NO_LP ? 1 : 0;
  }

  private static long first(int vm, long value) {
    return vm == 0 ? value : 0;
  }
}
