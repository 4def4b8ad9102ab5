package org.swtdx.tdxmodule.metadata;

import java.util.Locale;
import org.swtdx.cpu.VmControls;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.virt.TdAttributes;
import org.swtdx.tdxmodule.virt.TdParameters;
import org.swtdx.tdxmodule.vp.HostControls;
import org.swtdx.tdxmodule.vp.Tdvps;

/**
 * VM-execution controls of a vCPU and the VMCS fields that go with them, as the host of a
 * debuggable TD sees them. Fields of features that are off read 0, addresses that nobody gave all
 * ones. Reserved controls, which differ between processors, read 0.
 */
final class VcpuControlFields {
  private static final long PERF_GLOBAL_CTRL = 0xff;
  private static final long PERF_GLOBAL_CTRL_OFF = 1L << 32;

  private static final long EXIT_BASE = 0x1f3c_8204L;
  private static final long EXIT_PERF_GLOBAL_CTRL = 1L << 12 | 1L << 30;
  private static final long ENTRY_BASE = 0x003e_c004L;
  private static final long ENTRY_PERF_GLOBAL_CTRL = 1L << 13;
  private static final long ENTRY_PKRS = 1L << 22;
  private static final long TERTIARY_GPAW = 1 << 5;
  private static final int WIDE = 52;
  private static final int VPID_KEYID_BITS = 12;

  /**
   * Primary controls that every vCPU has: TSC offset, HLT, TPR shadow, MSR bitmaps, both others.
   */
  private static final long PRIMARY_BASE = 0x9022_0088L;

  /** Bits of the primary controls that the host of a debuggable TD may change here. */
  private enum Intercept {
    INTERRUPT_WINDOW(2),
    INVLPG(9),
    RDPMC(11),
    RDTSC(12),
    CR3_LOAD(15),
    CR3_STORE(16),
    CR8_LOAD(19),
    CR8_STORE(20),
    MOV_DR(23),
    IO(24),
    MONITOR(29),
    PAUSE(30);

    private final int position;

    Intercept(int position) {
      this.position = position;
    }

    boolean get(VmControls c) {
      return switch (this) {
        case INTERRUPT_WINDOW -> c.interruptWindowExiting;
        case INVLPG -> c.invlpgExiting;
        case RDPMC -> c.rdpmcExiting;
        case RDTSC -> c.rdtscExiting;
        case CR3_LOAD, CR3_STORE -> c.cr3Exiting;
        case CR8_LOAD, CR8_STORE -> c.cr8Exiting;
        case MOV_DR -> c.movDrExiting;
        case IO -> c.ioExiting;
        case MONITOR -> c.monitorExiting;
        case PAUSE -> c.pauseExiting;
      };
    }

    void set(VmControls c, boolean on) {
      switch (this) {
        case INTERRUPT_WINDOW -> c.interruptWindowExiting = on;
        case INVLPG -> c.invlpgExiting = on;
        case RDPMC -> c.rdpmcExiting = on;
        case RDTSC -> c.rdtscExiting = on;
        case CR3_LOAD, CR3_STORE -> c.cr3Exiting = on;
        case CR8_LOAD, CR8_STORE -> c.cr8Exiting = on;
        case MOV_DR -> c.movDrExiting = on;
        case IO -> c.ioExiting = on;
        case MONITOR -> c.monitorExiting = on;
        case PAUSE -> c.pauseExiting = on;
      }
    }
  }

  private VcpuControlFields() {}

  static void bind(FieldTable<Tdvps> table) {
    table
        .bind(
            "PRIMARY_PROCESSOR_BASED_VM_EXECTION_CONTROLS",
            (v, _) -> primary(controls(v)),
            (v, _, _, value) -> setPrimary(controls(v), value))
        .bind("VPID", (v, _) -> vpid(v))
        .bind("VM_EXIT_CONTROLS", (v, _) -> exitControls(v.guest().td()))
        .bind("VM_ENTRY_CONTROLS", (v, _) -> entryControls(v.guest().td()))
        .bind(
            "TERTIARY_PROCESSOR_BASED_VM_EXECTION_CONTROLS",
            (v, _) -> tertiary(v.guest().td()),
            VcpuControlFields::setTertiary)
        .bind("LOW_PASID_DIRECTORY_ADDRESS", (v, _) -> VcpuFields.zeroPage(v))
        .bind("HIGH_PASID_DIRECTORY_ADDRESS", (v, _) -> VcpuFields.zeroPage(v))
        .bind("MSR_BITMAP_ADDRESS", (v, _) -> v.guest().keyed(v.tdr().tdcxPages().get(2)))
        .bind("VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS", (v, _) -> v.guest().keyed(v.hpa()))
        .bind("GUEST_INTERRUPT_STATUS", (v, _) -> interruptStatus(v))
        .bind(
            "IA32_PERF_GLOBAL_CTRL",
            (v, _) ->
                (v.guest().td().attributes() & TdAttributes.PERFMON) != 0
                    ? PERF_GLOBAL_CTRL
                    : PERF_GLOBAL_CTRL_OFF)
        .bindConstant(-1, "ENCLS_EXITING_BITMAP", "ENCLV_EXITING_BITMAP", "PCONFIG_EXITING_BITMAP");
    masks(table);
    featuresThatAreOff(table);
  }

  /** KeyID and VM, 0 for the TD itself; 0 when the KeyID does not fit. */
  private static long vpid(Tdvps vcpu) {
    int keyId = vcpu.tdr().keyId();
    return keyId < 1 << VPID_KEYID_BITS ? keyId << 2 : 0;
  }

  /** Debuggable TDs have what any attribute adds. */
  private static long exitControls(TdParameters td) {
    return EXIT_BASE | (has(td, TdAttributes.PERFMON) ? EXIT_PERF_GLOBAL_CTRL : 0);
  }

  private static long entryControls(TdParameters td) {
    return ENTRY_BASE
        | (has(td, TdAttributes.PERFMON) ? ENTRY_PERF_GLOBAL_CTRL : 0)
        | (has(td, TdAttributes.PKS) ? ENTRY_PKRS : 0);
  }

  private static boolean has(TdParameters td, long attribute) {
    return (td.attributes() & (attribute | TdAttributes.DEBUG)) != 0;
  }

  private static long tertiary(TdParameters td) {
    return td.guestPhysicalAddressWidth() == WIDE ? TERTIARY_GPAW : 0;
  }

  /** The one writable control intercepts LOADIWKEY, which this processor does not have. */
  private static boolean setTertiary(Tdvps vcpu, int index, long old, long value) throws Refusal {
    Refusal.unless(value == old, Status.METADATA_FIELD_VALUE_NOT_VALID);
    return true;
  }

  private static VmControls controls(Tdvps vcpu) {
    return vcpu.guest().processor().controls();
  }

  private static long primary(VmControls controls) {
    long value = PRIMARY_BASE;
    for (Intercept i : Intercept.values()) {
      value |= i.get(controls) ? 1L << i.position : 0;
    }
    return value;
  }

  private static boolean setPrimary(VmControls controls, long value) throws Refusal {
    long known = PRIMARY_BASE;
    for (Intercept i : Intercept.values()) {
      known |= 1L << i.position;
    }
    // This processor intercepts both directions of CR3 and of CR8 or neither, and has no trap flag.
    boolean cr3 = bit(value, Intercept.CR3_LOAD) == bit(value, Intercept.CR3_STORE);
    boolean cr8 = bit(value, Intercept.CR8_LOAD) == bit(value, Intercept.CR8_STORE);
    Refusal.unless((value & ~known) == 0 && cr3 && cr8, Status.METADATA_FIELD_VALUE_NOT_VALID);
    for (Intercept i : Intercept.values()) {
      i.set(controls, bit(value, i));
    }
    return true;
  }

  private static boolean bit(long value, Intercept intercept) {
    return (value >>> intercept.position & 1) != 0;
  }

  /** RVI in 7:0: the highest request; SVI in 15:8: the highest vector in service. */
  private static long interruptStatus(Tdvps vcpu) {
    return highest(vcpu, 0x200) | highest(vcpu, 0x100) << 8;
  }

  private static long highest(Tdvps vcpu, int base) {
    for (int word = 7; word >= 0; word--) {
      int bits = vcpu.guest().processor().apic().read(base + 16 * word);
      if (bits != 0) {
        return 32L * word + 31 - Integer.numberOfLeadingZeros(bits);
      }
    }
    return 0;
  }

  private static void masks(FieldTable<Tdvps> table) {
    table
        .bind(
            "CR0_GUEST_HOST_MASK",
            (v, _) -> controls(v).cr0Mask,
            (v, _, _, value) -> {
              controls(v).cr0Mask = value;
              return true;
            })
        .bind(
            "CR0_READ_SHADOW",
            (v, _) -> controls(v).cr0ReadShadow,
            (v, _, _, value) -> {
              controls(v).cr0ReadShadow = value;
              return true;
            })
        .bind(
            "CR4_GUEST_HOST_MASK",
            (v, _) -> controls(v).cr4Mask,
            (v, _, _, value) -> {
              controls(v).cr4Mask = value;
              return true;
            })
        .bind(
            "CR4_READ_SHADOW",
            (v, _) -> controls(v).cr4ReadShadow,
            (v, _, _, value) -> {
              controls(v).cr4ReadShadow = value;
              return true;
            })
        .bind(
            "EXCEPTION_BITMAP",
            (v, _) -> Integer.toUnsignedLong(controls(v).exceptionBitmap),
            (v, _, _, value) -> {
              controls(v).exceptionBitmap = (int) value;
              return true;
            })
        .bind(
            "TIME_STAMP_COUNTER_OFFSET",
            (v, _) -> controls(v).tscOffset,
            (v, _, _, value) -> {
              controls(v).tscOffset = value;
              return true;
            })
        .bind(
            "TIME_STAMP_COUNTER_MULTIPLIER",
            (v, _) -> controls(v).tscMultiplier,
            (v, _, _, value) -> {
              controls(v).tscMultiplier = value;
              return true;
            });
  }

  private static void featuresThatAreOff(FieldTable<Tdvps> table) {
    String names =
        """
        vmcs_eptp_index hlat_prefix_size pml_index guest_uinv vm_function_controls
        eoi_exit_bitmap_n xss_exiting_bitmap hlat_pointer
        ia32_spec_ctrl_mask ia32_spec_ctrl_shadow page_fault_error_code_mask
        page_fault_error_code_match cr3_target_count cr3_target_values vm_exit_msr_store_count
        vm_exit_msr_load_count vm_entry_msr_load_count vm_entry_interruption_information
        vm_entry_exception_error_code vm_entry_instruction_length tpr_threshold
        vm_instruction_error vmx_preemption_timer_value i_o_rcx i_o_rsi i_o_rdi i_o_rip
        ple_gap ple_window eptp_index\
        """;
    table.bindConstant(0, names.strip().toUpperCase(Locale.ROOT).split("\\s+"));
    String addresses =
        """
        i_o_bitmap_address_n vm_exit_msr_store_address vm_exit_msr_load_address
        vm_entry_msr_load_address pml_address apic_access_address eptp_list_address
        vmread_bitmap_address vmwrite_bitmap_address pdpten\
        """;
    table.bindConstant(
        HostControls.NO_ADDRESS, addresses.strip().toUpperCase(Locale.ROOT).split("\\s+"));
  }
}
