package org.swtdx.kvm.uapi;

/** Capabilities of KVM_CHECK_EXTENSION and KVM_ENABLE_CAP, {@code KVM_CAP_*}. */
public final class KvmCap {
  /** {@code KVM_CAP_IRQCHIP}. */
  public static final int IRQCHIP = 0;

  /** {@code KVM_CAP_HLT}. */
  public static final int HLT = 1;

  /** {@code KVM_CAP_MMU_SHADOW_CACHE_CONTROL}. */
  public static final int MMU_SHADOW_CACHE_CONTROL = 2;

  /** {@code KVM_CAP_USER_MEMORY}. */
  public static final int USER_MEMORY = 3;

  /** {@code KVM_CAP_SET_TSS_ADDR}. */
  public static final int SET_TSS_ADDR = 4;

  /** {@code KVM_CAP_VAPIC}. */
  public static final int VAPIC = 6;

  /** {@code KVM_CAP_EXT_CPUID}. */
  public static final int EXT_CPUID = 7;

  /** {@code KVM_CAP_CLOCKSOURCE}. */
  public static final int CLOCKSOURCE = 8;

  /** {@code KVM_CAP_NR_VCPUS}. */
  public static final int NR_VCPUS = 9;

  /** {@code KVM_CAP_NR_MEMSLOTS}. */
  public static final int NR_MEMSLOTS = 10;

  /** {@code KVM_CAP_PIT}. */
  public static final int PIT = 11;

  /** {@code KVM_CAP_NOP_IO_DELAY}. */
  public static final int NOP_IO_DELAY = 12;

  /** {@code KVM_CAP_MP_STATE}. */
  public static final int MP_STATE = 14;

  /** {@code KVM_CAP_COALESCED_MMIO}. */
  public static final int COALESCED_MMIO = 15;

  /** {@code KVM_CAP_SYNC_MMU}. */
  public static final int SYNC_MMU = 16;

  /** {@code KVM_CAP_DESTROY_MEMORY_REGION_WORKS}. */
  public static final int DESTROY_MEMORY_REGION_WORKS = 21;

  /** {@code KVM_CAP_USER_NMI}. */
  public static final int USER_NMI = 22;

  /** {@code KVM_CAP_SET_GUEST_DEBUG}. */
  public static final int SET_GUEST_DEBUG = 23;

  /** {@code KVM_CAP_REINJECT_CONTROL}. */
  public static final int REINJECT_CONTROL = 24;

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

  /** {@code KVM_CAP_PIT2}. */
  public static final int PIT2 = 33;

  /** {@code KVM_CAP_SET_BOOT_CPU_ID}. */
  public static final int SET_BOOT_CPU_ID = 34;

  /** {@code KVM_CAP_PIT_STATE2}. */
  public static final int PIT_STATE2 = 35;

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

  /** {@code KVM_CAP_PCI_SEGMENT}. */
  public static final int PCI_SEGMENT = 47;

  /** {@code KVM_CAP_DEBUGREGS}. */
  public static final int DEBUGREGS = 50;

  /** {@code KVM_CAP_X86_ROBUST_SINGLESTEP}. */
  public static final int X86_ROBUST_SINGLESTEP = 51;

  /** {@code KVM_CAP_ENABLE_CAP}. */
  public static final int ENABLE_CAP = 54;

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

  /** {@code KVM_CAP_ONE_REG}. */
  public static final int ONE_REG = 70;

  /** {@code KVM_CAP_TSC_DEADLINE_TIMER}. */
  public static final int TSC_DEADLINE_TIMER = 72;

  /** {@code KVM_CAP_SYNC_REGS}. */
  public static final int SYNC_REGS = 74;

  /** {@code KVM_CAP_KVMCLOCK_CTRL}. */
  public static final int KVMCLOCK_CTRL = 76;

  /** {@code KVM_CAP_SIGNAL_MSI}. */
  public static final int SIGNAL_MSI = 77;

  /** {@code KVM_CAP_READONLY_MEM}. */
  public static final int READONLY_MEM = 81;

  /** {@code KVM_CAP_IRQFD_RESAMPLE}. */
  public static final int IRQFD_RESAMPLE = 82;

  /** {@code KVM_CAP_DEVICE_CTRL}. */
  public static final int DEVICE_CTRL = 89;

  /** {@code KVM_CAP_ENFORCE_PV_FEATURE_CPUID}. */
  public static final int ENFORCE_PV_FEATURE_CPUID = 190;

  /** {@code KVM_CAP_EXT_EMUL_CPUID}. */
  public static final int EXT_EMUL_CPUID = 95;

  /** {@code KVM_CAP_IOAPIC_POLARITY_IGNORED}. */
  public static final int IOAPIC_POLARITY_IGNORED = 97;

  /** {@code KVM_CAP_ENABLE_CAP_VM}. */
  public static final int ENABLE_CAP_VM = 98;

  /** {@code KVM_CAP_IOEVENTFD_NO_LENGTH}. */
  public static final int IOEVENTFD_NO_LENGTH = 100;

  /** {@code KVM_CAP_VM_ATTRIBUTES}. */
  public static final int VM_ATTRIBUTES = 101;

  /** {@code KVM_CAP_CHECK_EXTENSION_VM}. */
  public static final int CHECK_EXTENSION_VM = 105;

  /** {@code KVM_CAP_DISABLE_QUIRKS}. */
  public static final int DISABLE_QUIRKS = 116;

  /** {@code KVM_CAP_X86_SMM}. */
  public static final int X86_SMM = 117;

  /** {@code KVM_CAP_MULTI_ADDRESS_SPACE}. */
  public static final int MULTI_ADDRESS_SPACE = 118;

  /** {@code KVM_CAP_SPLIT_IRQCHIP}. */
  public static final int SPLIT_IRQCHIP = 121;

  /** {@code KVM_CAP_IOEVENTFD_ANY_LENGTH}. */
  public static final int IOEVENTFD_ANY_LENGTH = 122;

  /** {@code KVM_CAP_VCPU_ATTRIBUTES}. */
  public static final int VCPU_ATTRIBUTES = 127;

  /** {@code KVM_CAP_MAX_VCPU_ID}. */
  public static final int MAX_VCPU_ID = 128;

  /** {@code KVM_CAP_X2APIC_API}. */
  public static final int X2APIC_API = 129;

  /** {@code KVM_CAP_IMMEDIATE_EXIT}. */
  public static final int IMMEDIATE_EXIT = 136;

  /** {@code KVM_CAP_GET_MSR_FEATURES}. */
  public static final int GET_MSR_FEATURES = 153;

  /** {@code KVM_CAP_MSR_PLATFORM_INFO}. */
  public static final int MSR_PLATFORM_INFO = 159;

  /** {@code KVM_CAP_COALESCED_PIO}. */
  public static final int COALESCED_PIO = 162;

  /** {@code KVM_CAP_EXCEPTION_PAYLOAD}. */
  public static final int EXCEPTION_PAYLOAD = 164;

  /** {@code KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2}. */
  public static final int MANUAL_DIRTY_LOG_PROTECT2 = 168;

  /** {@code KVM_CAP_HALT_POLL}. */
  public static final int HALT_POLL = 182;

  /** {@code KVM_CAP_LAST_CPU}. */
  public static final int LAST_CPU = 184;

  /** {@code KVM_CAP_X86_USER_SPACE_MSR}. */
  public static final int X86_USER_SPACE_MSR = 188;

  /** {@code KVM_CAP_X86_MSR_FILTER}. */
  public static final int X86_MSR_FILTER = 189;

  /** {@code KVM_CAP_DIRTY_LOG_RING}. */
  public static final int DIRTY_LOG_RING = 192;

  /** {@code KVM_CAP_SET_GUEST_DEBUG2}. */
  public static final int SET_GUEST_DEBUG2 = 195;

  /** {@code KVM_CAP_SREGS2}. */
  public static final int SREGS2 = 200;

  /** {@code KVM_CAP_EXIT_HYPERCALL}. */
  public static final int EXIT_HYPERCALL = 201;

  /** {@code KVM_CAP_BINARY_STATS_FD}. */
  public static final int BINARY_STATS_FD = 203;

  /** {@code KVM_CAP_EXIT_ON_EMULATION_FAILURE}. */
  public static final int EXIT_ON_EMULATION_FAILURE = 204;

  /** {@code KVM_CAP_XSAVE2}. */
  public static final int XSAVE2 = 208;

  /** {@code KVM_CAP_SYS_ATTRIBUTES}. */
  public static final int SYS_ATTRIBUTES = 209;

  /** {@code KVM_CAP_PMU_CAPABILITY}. */
  public static final int PMU_CAPABILITY = 212;

  /** {@code KVM_CAP_DISABLE_QUIRKS2}. */
  public static final int DISABLE_QUIRKS2 = 213;

  /** {@code KVM_CAP_VM_TSC_CONTROL}. */
  public static final int VM_TSC_CONTROL = 214;

  /** {@code KVM_CAP_SYSTEM_EVENT_DATA}. */
  public static final int SYSTEM_EVENT_DATA = 215;

  /** {@code KVM_CAP_X86_TRIPLE_FAULT_EVENT}. */
  public static final int X86_TRIPLE_FAULT_EVENT = 218;

  /** {@code KVM_CAP_DIRTY_LOG_RING_ACQ_REL}. */
  public static final int DIRTY_LOG_RING_ACQ_REL = 223;

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

  /** {@code KVM_CAP_X86_GUEST_MODE}. */
  public static final int X86_GUEST_MODE = 238;

  /** {@code KVM_CAP_GUEST_MEMFD_FLAGS}. */
  public static final int GUEST_MEMFD_FLAGS = 244;

  private KvmCap() {}
}
