package org.swtdx.kvm.uapi;

/** Capabilities of KVM_CHECK_EXTENSION and KVM_ENABLE_CAP, {@code KVM_CAP_*}. */
public final class KvmCap {
  /** {@code KVM_CAP_IRQCHIP}. */
  public static final int IRQCHIP = 0;

  /** {@code KVM_CAP_HLT}. */
  public static final int HLT = 1;

  /** {@code KVM_CAP_USER_MEMORY}. */
  public static final int USER_MEMORY = 3;

  /** {@code KVM_CAP_SET_TSS_ADDR}. */
  public static final int SET_TSS_ADDR = 4;

  /** {@code KVM_CAP_EXT_CPUID}. */
  public static final int EXT_CPUID = 7;

  /** {@code KVM_CAP_NR_VCPUS}. */
  public static final int NR_VCPUS = 9;

  /** {@code KVM_CAP_NR_MEMSLOTS}. */
  public static final int NR_MEMSLOTS = 10;

  /** {@code KVM_CAP_MP_STATE}. */
  public static final int MP_STATE = 14;

  /** {@code KVM_CAP_SYNC_MMU}. */
  public static final int SYNC_MMU = 16;

  /** {@code KVM_CAP_DESTROY_MEMORY_REGION_WORKS}. */
  public static final int DESTROY_MEMORY_REGION_WORKS = 21;

  /** {@code KVM_CAP_USER_NMI}. */
  public static final int USER_NMI = 22;

  /** {@code KVM_CAP_SET_GUEST_DEBUG}. */
  public static final int SET_GUEST_DEBUG = 23;

  /** {@code KVM_CAP_IRQ_ROUTING}. */
  public static final int IRQ_ROUTING = 25;

  /** {@code KVM_CAP_IRQ_INJECT_STATUS}. */
  public static final int IRQ_INJECT_STATUS = 26;

  /** {@code KVM_CAP_JOIN_MEMORY_REGIONS_WORKS}. */
  public static final int JOIN_MEMORY_REGIONS_WORKS = 30;

  /** {@code KVM_CAP_MCE}. */
  public static final int MCE = 31;

  /** {@code KVM_CAP_IRQFD}. */
  public static final int IRQFD = 32;

  /** {@code KVM_CAP_IOEVENTFD}. */
  public static final int IOEVENTFD = 36;

  /** {@code KVM_CAP_SET_IDENTITY_MAP_ADDR}. */
  public static final int SET_IDENTITY_MAP_ADDR = 37;

  /** {@code KVM_CAP_ADJUST_CLOCK}. */
  public static final int ADJUST_CLOCK = 39;

  /** {@code KVM_CAP_INTERNAL_ERROR_DATA}. */
  public static final int INTERNAL_ERROR_DATA = 40;

  /** {@code KVM_CAP_VCPU_EVENTS}. */
  public static final int VCPU_EVENTS = 41;

  /** {@code KVM_CAP_DEBUGREGS}. */
  public static final int DEBUGREGS = 50;

  /** {@code KVM_CAP_XSAVE}. */
  public static final int XSAVE = 55;

  /** {@code KVM_CAP_XCRS}. */
  public static final int XCRS = 56;

  /** {@code KVM_CAP_TSC_CONTROL}. */
  public static final int TSC_CONTROL = 60;

  /** {@code KVM_CAP_GET_TSC_KHZ}. */
  public static final int GET_TSC_KHZ = 61;

  /** {@code KVM_CAP_MAX_VCPUS}. */
  public static final int MAX_VCPUS = 66;

  /** {@code KVM_CAP_TSC_DEADLINE_TIMER}. */
  public static final int TSC_DEADLINE_TIMER = 72;

  /** {@code KVM_CAP_SYNC_REGS}. */
  public static final int SYNC_REGS = 74;

  /** {@code KVM_CAP_SIGNAL_MSI}. */
  public static final int SIGNAL_MSI = 77;

  /** {@code KVM_CAP_READONLY_MEM}. */
  public static final int READONLY_MEM = 81;

  /** {@code KVM_CAP_ENABLE_CAP_VM}. */
  public static final int ENABLE_CAP_VM = 98;

  /** {@code KVM_CAP_VM_ATTRIBUTES}. */
  public static final int VM_ATTRIBUTES = 101;

  /** {@code KVM_CAP_CHECK_EXTENSION_VM}. */
  public static final int CHECK_EXTENSION_VM = 105;

  /** {@code KVM_CAP_X86_SMM}. */
  public static final int X86_SMM = 117;

  /** {@code KVM_CAP_MULTI_ADDRESS_SPACE}. */
  public static final int MULTI_ADDRESS_SPACE = 118;

  /** {@code KVM_CAP_SPLIT_IRQCHIP}. */
  public static final int SPLIT_IRQCHIP = 121;

  /** {@code KVM_CAP_MAX_VCPU_ID}. */
  public static final int MAX_VCPU_ID = 128;

  /** {@code KVM_CAP_X2APIC_API}. */
  public static final int X2APIC_API = 129;

  /** {@code KVM_CAP_IMMEDIATE_EXIT}. */
  public static final int IMMEDIATE_EXIT = 136;

  /** {@code KVM_CAP_GET_MSR_FEATURES}. */
  public static final int GET_MSR_FEATURES = 153;

  /** {@code KVM_CAP_X86_USER_SPACE_MSR}. */
  public static final int X86_USER_SPACE_MSR = 188;

  /** {@code KVM_CAP_X86_MSR_FILTER}. */
  public static final int X86_MSR_FILTER = 189;

  /** {@code KVM_CAP_EXIT_HYPERCALL}. */
  public static final int EXIT_HYPERCALL = 201;

  /** {@code KVM_CAP_BINARY_STATS_FD}. */
  public static final int BINARY_STATS_FD = 203;

  /** {@code KVM_CAP_PMU_CAPABILITY}. */
  public static final int PMU_CAPABILITY = 212;

  /** {@code KVM_CAP_VM_TSC_CONTROL}. */
  public static final int VM_TSC_CONTROL = 214;

  /** {@code KVM_CAP_USER_MEMORY2}. */
  public static final int USER_MEMORY2 = 231;

  /** {@code KVM_CAP_MEMORY_FAULT_INFO}. */
  public static final int MEMORY_FAULT_INFO = 232;

  /** {@code KVM_CAP_MEMORY_ATTRIBUTES}. */
  public static final int MEMORY_ATTRIBUTES = 233;

  /** {@code KVM_CAP_GUEST_MEMFD}. */
  public static final int GUEST_MEMFD = 234;

  /** {@code KVM_CAP_VM_TYPES}. */
  public static final int VM_TYPES = 235;

  /** {@code KVM_CAP_PRE_FAULT_MEMORY}. */
  public static final int PRE_FAULT_MEMORY = 236;

  /** {@code KVM_CAP_X86_APIC_BUS_CYCLES_NS}. */
  public static final int X86_APIC_BUS_CYCLES_NS = 237;

  /** {@code KVM_CAP_GUEST_MEMFD_FLAGS}. */
  public static final int GUEST_MEMFD_FLAGS = 244;

  private KvmCap() {}
}
