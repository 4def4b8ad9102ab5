package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmVmType;

/** The answers of KVM_CHECK_EXTENSION, on /dev/kvm and on a VM. */
final class Capabilities {
  /** {@code GUEST_MEMFD_FLAG_*} that files can be created with: none. */
  static final long GUEST_MEMFD_FLAGS = 0;

  private static final int CLOCK_FLAGS = 7;

  private Capabilities() {}

  static int check(KvmHost host, @Nullable Vm vm, long extension) {
    int cap = extension == (int) extension ? (int) extension : -1;
    boolean td = vm instanceof TdxVm;
    return switch (cap) {
      case KvmCap.IRQCHIP,
          KvmCap.HLT,
          KvmCap.USER_MEMORY,
          KvmCap.SET_TSS_ADDR,
          KvmCap.EXT_CPUID,
          KvmCap.MP_STATE,
          KvmCap.SYNC_MMU,
          KvmCap.DESTROY_MEMORY_REGION_WORKS,
          KvmCap.USER_NMI,
          KvmCap.JOIN_MEMORY_REGIONS_WORKS,
          KvmCap.SET_IDENTITY_MAP_ADDR,
          KvmCap.INTERNAL_ERROR_DATA,
          KvmCap.VCPU_EVENTS,
          KvmCap.DEBUGREGS,
          KvmCap.XSAVE,
          KvmCap.XCRS,
          KvmCap.GET_TSC_KHZ,
          KvmCap.TSC_DEADLINE_TIMER,
          KvmCap.SIGNAL_MSI,
          KvmCap.IRQ_INJECT_STATUS,
          KvmCap.ENABLE_CAP_VM,
          KvmCap.CHECK_EXTENSION_VM,
          KvmCap.SPLIT_IRQCHIP,
          KvmCap.IMMEDIATE_EXIT,
          KvmCap.GET_MSR_FEATURES,
          KvmCap.VM_TSC_CONTROL,
          KvmCap.USER_MEMORY2,
          KvmCap.MEMORY_FAULT_INFO,
          KvmCap.X86_APIC_BUS_CYCLES_NS,
          KvmCap.MULTI_ADDRESS_SPACE ->
          1;
      case KvmCap.READONLY_MEM -> td ? 0 : 1;
      case KvmCap.X86_SMM, KvmCap.SYNC_REGS -> 0;
      case KvmCap.NR_VCPUS -> host.cpus().count();
      case KvmCap.MAX_VCPUS -> vm == null ? Vm.MAX_VCPUS : vm.maxVcpus();
      case KvmCap.MAX_VCPU_ID -> Vm.MAX_VCPU_IDS;
      case KvmCap.NR_MEMSLOTS -> Vm.USER_SLOTS;
      case KvmCap.IRQ_ROUTING -> IrqRoutes.MAX_ROUTES;
      case KvmCap.ADJUST_CLOCK -> CLOCK_FLAGS;
      case KvmCap.X2APIC_API -> 3;
      case KvmCap.EXIT_HYPERCALL -> 1 << KvmExit.HC_MAP_GPA_RANGE;
      case KvmCap.MEMORY_ATTRIBUTES ->
          vm == null || vm.hasPrivateMemory() ? (int) KvmMemoryAttributes.PRIVATE : 0;
      case KvmCap.GUEST_MEMFD, KvmCap.PRE_FAULT_MEMORY ->
          vm == null || vm.hasPrivateMemory() ? 1 : 0;
      case KvmCap.GUEST_MEMFD_FLAGS -> (int) GUEST_MEMFD_FLAGS;
      case KvmCap.VM_TYPES -> vmTypes(host);
      default -> 0;
    };
  }

  /** Bitmap of the VM types that can be created. */
  static int vmTypes(KvmHost host) {
    int types = 1 << KvmVmType.DEFAULT | 1 << KvmVmType.SW_PROTECTED;
    return host.tdx().isPresent() ? types | 1 << KvmVmType.TDX : types;
  }
}
