package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmExtensionAbi;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmVmType;
import org.swtdx.kvm.uapi.KvmXsave;

/** The answers of KVM_CHECK_EXTENSION, on /dev/kvm and on a VM. */
final class Capabilities {
  /** {@code GUEST_MEMFD_FLAG_*} that files can be created with: none. */
  static final long GUEST_MEMFD_FLAGS = 0;

  /**
   * Quirks that can be disabled, {@code KVM_X86_QUIRK_*}. Cleared cache bits, all slots zapped at
   * once and the guest's PAT ignored cannot be noticed here.
   */
  static final int QUIRKS =
      1 << 1 | VmOptions.FIX_HYPERCALL | 1 << 7 | VmOptions.STUFF_FEATURE_MSRS | 1 << 9;

  private static final int CLOCK_FLAGS = 14;
  private static final int COALESCED_PAGE = 2;
  private static final int DEFAULT_BUS_CYCLE = 1;

  private Capabilities() {}

  static int check(KvmHost host, @Nullable Vm vm, long extension) {
    int cap = extension == (int) extension ? (int) extension : -1;
    return switch (cap) {
      case KvmCap.READONLY_MEM -> vm instanceof TdxVm ? 0 : 1;
      case KvmCap.SYNC_REGS -> vm instanceof TdxVm ? 0 : SyncRegs.VALID;
      case KvmCap.NR_VCPUS -> Math.min(host.cpus().count(), Vm.MAX_VCPUS);
      case KvmCap.MAX_VCPUS -> vm == null ? Vm.MAX_VCPUS : vm.maxVcpus();
      case KvmCap.MAX_VCPU_ID -> Vm.MAX_VCPU_IDS;
      case KvmCap.NR_MEMSLOTS -> Vm.USER_SLOTS;
      case KvmCap.IRQ_ROUTING -> IrqRoutes.MAX_ROUTES;
      case KvmCap.ADJUST_CLOCK -> CLOCK_FLAGS;
      case KvmCap.X2APIC_API ->
          vm == null || vm.splitIrqchip()
              ? VmOptions.X2APIC_FLAGS
              : VmOptions.X2APIC_FLAGS & ~VmOptions.SUPPRESS_EOI_BROADCAST;
      case KvmCap.COALESCED_MMIO -> COALESCED_PAGE;
      case KvmCap.MCE -> MachineCheck.MAX_BANKS;
      case KvmCap.X86_APIC_BUS_CYCLES_NS ->
          vm == null ? DEFAULT_BUS_CYCLE : vm.options.busCycleNanos;
      case KvmCap.EXIT_HYPERCALL -> 1 << KvmExit.HC_MAP_GPA_RANGE;
      case KvmCap.SET_GUEST_DEBUG2 -> GuestDebug.VALID;
      case KvmCap.MANUAL_DIRTY_LOG_PROTECT2 -> DirtyLog.MANUAL_CAPS;
      case KvmCap.DIRTY_LOG_RING, KvmCap.DIRTY_LOG_RING_ACQ_REL -> DirtyRing.MAX_BYTES;
      case KvmCap.XSAVE2 -> KvmXsave.SIZE;
      case KvmCap.DISABLE_QUIRKS2 -> QUIRKS;
      case KvmCap.MEMORY_ATTRIBUTES ->
          vm == null || vm.hasPrivateMemory() ? (int) KvmMemoryAttributes.PRIVATE : 0;
      case KvmCap.GUEST_MEMFD_FLAGS -> (int) GUEST_MEMFD_FLAGS;
      case KvmCap.VM_TYPES -> vmTypes(host);
      case KvmExtensionAbi.EXTENSIONS -> KvmExtension.bits(host.extensions());
      default -> present(cap) ? 1 : 0;
    };
  }

  private static boolean present(int cap) {
    return switch (cap) {
      case KvmCap.IRQCHIP,
          KvmCap.HLT,
          KvmCap.MMU_SHADOW_CACHE_CONTROL,
          KvmCap.USER_MEMORY,
          KvmCap.SET_TSS_ADDR,
          KvmCap.EXT_CPUID,
          KvmCap.EXT_EMUL_CPUID,
          KvmCap.CLOCKSOURCE,
          KvmCap.KVMCLOCK_CTRL,
          KvmCap.ENFORCE_PV_FEATURE_CPUID,
          KvmCap.X86_GUEST_MODE,
          KvmCap.PIT,
          KvmCap.NOP_IO_DELAY,
          KvmCap.MP_STATE,
          KvmCap.SYNC_MMU,
          KvmCap.DESTROY_MEMORY_REGION_WORKS,
          KvmCap.USER_NMI,
          KvmCap.SET_GUEST_DEBUG,
          KvmCap.REINJECT_CONTROL,
          KvmCap.IRQ_INJECT_STATUS,
          KvmCap.JOIN_MEMORY_REGIONS_WORKS,
          KvmCap.IRQFD,
          KvmCap.IRQFD_RESAMPLE,
          KvmCap.PIT2,
          KvmCap.PIT_STATE2,
          KvmCap.IOEVENTFD,
          KvmCap.IOEVENTFD_NO_LENGTH,
          KvmCap.IOEVENTFD_ANY_LENGTH,
          KvmCap.COALESCED_PIO,
          KvmCap.SET_IDENTITY_MAP_ADDR,
          KvmCap.INTERNAL_ERROR_DATA,
          KvmCap.VCPU_EVENTS,
          KvmCap.PCI_SEGMENT,
          KvmCap.DEBUGREGS,
          KvmCap.X86_ROBUST_SINGLESTEP,
          KvmCap.ENABLE_CAP,
          KvmCap.XSAVE,
          KvmCap.XCRS,
          KvmCap.TSC_CONTROL,
          KvmCap.GET_TSC_KHZ,
          KvmCap.TSC_DEADLINE_TIMER,
          KvmCap.ONE_REG,
          KvmCap.SIGNAL_MSI,
          KvmCap.DEVICE_CTRL,
          KvmCap.IOAPIC_POLARITY_IGNORED,
          KvmCap.ENABLE_CAP_VM,
          KvmCap.CHECK_EXTENSION_VM,
          KvmCap.DISABLE_QUIRKS,
          KvmCap.SET_BOOT_CPU_ID,
          KvmCap.SPLIT_IRQCHIP,
          KvmCap.VCPU_ATTRIBUTES,
          KvmCap.IMMEDIATE_EXIT,
          KvmCap.GET_MSR_FEATURES,
          KvmCap.MSR_PLATFORM_INFO,
          KvmCap.EXCEPTION_PAYLOAD,
          KvmCap.HALT_POLL,
          KvmCap.LAST_CPU,
          KvmCap.X86_USER_SPACE_MSR,
          KvmCap.X86_MSR_FILTER,
          KvmCap.SREGS2,
          KvmCap.BINARY_STATS_FD,
          KvmCap.SYS_ATTRIBUTES,
          KvmCap.VM_TSC_CONTROL,
          KvmCap.SYSTEM_EVENT_DATA,
          KvmCap.X86_TRIPLE_FAULT_EVENT,
          KvmCap.USER_MEMORY2,
          KvmCap.MEMORY_FAULT_INFO,
          KvmCap.GUEST_MEMFD,
          KvmCap.PRE_FAULT_MEMORY,
          KvmCap.MULTI_ADDRESS_SPACE ->
          true;
      default -> false;
    };
  }

  /** Bitmap of the VM types that can be created. */
  static int vmTypes(KvmHost host) {
    int types = 1 << KvmVmType.DEFAULT | 1 << KvmVmType.SW_PROTECTED;
    return host.tdx().isPresent() ? types | 1 << KvmVmType.TDX : types;
  }
}
