package org.swtdx.kvm.uapi;

/**
 * The numbers of KVM's ioctls as Linux 7.3 has them on x86: direction in bits 31:30, size of the
 * structure in bits 29:16, type 0xAE in bits 15:8. A number with another size is another ioctl.
 */
public final class KvmIoctl {
  // ---- /dev/kvm ----

  /** {@code KVM_GET_API_VERSION}. */
  public static final int GET_API_VERSION = 0x0000ae00;

  /** {@code KVM_CREATE_VM}. */
  public static final int CREATE_VM = 0x0000ae01;

  /** {@code KVM_CHECK_EXTENSION}. */
  public static final int CHECK_EXTENSION = 0x0000ae03;

  /** {@code KVM_GET_VCPU_MMAP_SIZE}. */
  public static final int GET_VCPU_MMAP_SIZE = 0x0000ae04;

  /** {@code KVM_GET_MSR_INDEX_LIST}. */
  public static final int GET_MSR_INDEX_LIST = 0xc004ae02;

  /** {@code KVM_GET_SUPPORTED_CPUID}. */
  public static final int GET_SUPPORTED_CPUID = 0xc008ae05;

  /** {@code KVM_GET_EMULATED_CPUID}. */
  public static final int GET_EMULATED_CPUID = 0xc008ae09;

  /** {@code KVM_GET_MSR_FEATURE_INDEX_LIST}. */
  public static final int GET_MSR_FEATURE_INDEX_LIST = 0xc004ae0a;

  /** {@code KVM_X86_GET_MCE_CAP_SUPPORTED}. */
  public static final int X86_GET_MCE_CAP_SUPPORTED = 0x8008ae9d;

  /** {@code KVM_GET_SUPPORTED_HV_CPUID}. */
  public static final int GET_SUPPORTED_HV_CPUID = 0xc008aec1;

  // ---- VM files ----

  /** {@code KVM_CREATE_VCPU}. */
  public static final int CREATE_VCPU = 0x0000ae41;

  /** {@code KVM_ENABLE_CAP}. */
  public static final int ENABLE_CAP = 0x4068aea3;

  /** {@code KVM_SET_USER_MEMORY_REGION}. */
  public static final int SET_USER_MEMORY_REGION = 0x4020ae46;

  /** {@code KVM_SET_USER_MEMORY_REGION2}. */
  public static final int SET_USER_MEMORY_REGION2 = 0x40a0ae49;

  /** {@code KVM_GET_DIRTY_LOG}. */
  public static final int GET_DIRTY_LOG = 0x4010ae42;

  /** {@code KVM_CLEAR_DIRTY_LOG}. */
  public static final int CLEAR_DIRTY_LOG = 0xc018aec0;

  /** {@code KVM_REGISTER_COALESCED_MMIO}. */
  public static final int REGISTER_COALESCED_MMIO = 0x4010ae67;

  /** {@code KVM_UNREGISTER_COALESCED_MMIO}. */
  public static final int UNREGISTER_COALESCED_MMIO = 0x4010ae68;

  /** {@code KVM_IRQFD}. */
  public static final int IRQFD = 0x4020ae76;

  /** {@code KVM_IOEVENTFD}. */
  public static final int IOEVENTFD = 0x4040ae79;

  /** {@code KVM_SIGNAL_MSI}. */
  public static final int SIGNAL_MSI = 0x4020aea5;

  /** {@code KVM_IRQ_LINE}. */
  public static final int IRQ_LINE = 0x4008ae61;

  /** {@code KVM_IRQ_LINE_STATUS}. */
  public static final int IRQ_LINE_STATUS = 0xc008ae67;

  /** {@code KVM_SET_GSI_ROUTING}. */
  public static final int SET_GSI_ROUTING = 0x4008ae6a;

  /** {@code KVM_SET_MEMORY_ATTRIBUTES}. */
  public static final int SET_MEMORY_ATTRIBUTES = 0x4020aed2;

  /** {@code KVM_CREATE_DEVICE}. */
  public static final int CREATE_DEVICE = 0xc00caee0;

  /** {@code KVM_RESET_DIRTY_RINGS}. */
  public static final int RESET_DIRTY_RINGS = 0x0000aec7;

  /** {@code KVM_GET_STATS_FD}. */
  public static final int GET_STATS_FD = 0x0000aece;

  /** {@code KVM_CREATE_GUEST_MEMFD}. */
  public static final int CREATE_GUEST_MEMFD = 0xc040aed4;

  /** {@code KVM_SET_TSS_ADDR}. */
  public static final int SET_TSS_ADDR = 0x0000ae47;

  /** {@code KVM_SET_IDENTITY_MAP_ADDR}. */
  public static final int SET_IDENTITY_MAP_ADDR = 0x4008ae48;

  /** {@code KVM_SET_NR_MMU_PAGES}. */
  public static final int SET_NR_MMU_PAGES = 0x0000ae44;

  /** {@code KVM_GET_NR_MMU_PAGES}. */
  public static final int GET_NR_MMU_PAGES = 0x0000ae45;

  /** {@code KVM_CREATE_IRQCHIP}. */
  public static final int CREATE_IRQCHIP = 0x0000ae60;

  /** {@code KVM_CREATE_PIT}. */
  public static final int CREATE_PIT = 0x0000ae64;

  /** {@code KVM_CREATE_PIT2}. */
  public static final int CREATE_PIT2 = 0x4040ae77;

  /** {@code KVM_GET_IRQCHIP}. */
  public static final int GET_IRQCHIP = 0xc208ae62;

  /** {@code KVM_SET_IRQCHIP}. */
  public static final int SET_IRQCHIP = 0x8208ae63;

  /** {@code KVM_GET_PIT}. */
  public static final int GET_PIT = 0xc048ae65;

  /** {@code KVM_SET_PIT}. */
  public static final int SET_PIT = 0x8048ae66;

  /** {@code KVM_GET_PIT2}. */
  public static final int GET_PIT2 = 0x8070ae9f;

  /** {@code KVM_SET_PIT2}. */
  public static final int SET_PIT2 = 0x4070aea0;

  /** {@code KVM_REINJECT_CONTROL}. */
  public static final int REINJECT_CONTROL = 0x0000ae71;

  /** {@code KVM_SET_BOOT_CPU_ID}. */
  public static final int SET_BOOT_CPU_ID = 0x0000ae78;

  /** {@code KVM_XEN_HVM_CONFIG}. */
  public static final int XEN_HVM_CONFIG = 0x4038ae7a;

  /** {@code KVM_XEN_HVM_GET_ATTR}. */
  public static final int XEN_HVM_GET_ATTR = 0xc048aec8;

  /** {@code KVM_XEN_HVM_SET_ATTR}. */
  public static final int XEN_HVM_SET_ATTR = 0x4048aec9;

  /** {@code KVM_XEN_HVM_EVTCHN_SEND}. */
  public static final int XEN_HVM_EVTCHN_SEND = 0x400caed0;

  /** {@code KVM_SET_CLOCK}. */
  public static final int SET_CLOCK = 0x4030ae7b;

  /** {@code KVM_GET_CLOCK}. */
  public static final int GET_CLOCK = 0x8030ae7c;

  /** {@code KVM_SET_TSC_KHZ}. */
  public static final int SET_TSC_KHZ = 0x0000aea2;

  /** {@code KVM_GET_TSC_KHZ}. */
  public static final int GET_TSC_KHZ = 0x0000aea3;

  /** {@code KVM_MEMORY_ENCRYPT_OP}. */
  public static final int MEMORY_ENCRYPT_OP = 0xc008aeba;

  /** {@code KVM_MEMORY_ENCRYPT_REG_REGION}. */
  public static final int MEMORY_ENCRYPT_REG_REGION = 0x8010aebb;

  /** {@code KVM_MEMORY_ENCRYPT_UNREG_REGION}. */
  public static final int MEMORY_ENCRYPT_UNREG_REGION = 0x8010aebc;

  /** {@code KVM_HYPERV_EVENTFD}. */
  public static final int HYPERV_EVENTFD = 0x4018aebd;

  /** {@code KVM_SET_PMU_EVENT_FILTER}. */
  public static final int SET_PMU_EVENT_FILTER = 0x4020aeb2;

  /** {@code KVM_X86_SET_MSR_FILTER}. */
  public static final int X86_SET_MSR_FILTER = 0x4188aec6;

  // ---- vCPU files ----

  /** {@code KVM_RUN}. */
  public static final int RUN = 0x0000ae80;

  /** {@code KVM_GET_REGS}. */
  public static final int GET_REGS = 0x8090ae81;

  /** {@code KVM_SET_REGS}. */
  public static final int SET_REGS = 0x4090ae82;

  /** {@code KVM_GET_SREGS}. */
  public static final int GET_SREGS = 0x8138ae83;

  /** {@code KVM_SET_SREGS}. */
  public static final int SET_SREGS = 0x4138ae84;

  /** {@code KVM_GET_SREGS2}. */
  public static final int GET_SREGS2 = 0x8140aecc;

  /** {@code KVM_SET_SREGS2}. */
  public static final int SET_SREGS2 = 0x4140aecd;

  /** {@code KVM_GET_CPUID2}. */
  public static final int GET_CPUID2 = 0xc008ae91;

  /** {@code KVM_GET_DEBUGREGS}. */
  public static final int GET_DEBUGREGS = 0x8080aea1;

  /** {@code KVM_GET_FPU}. */
  public static final int GET_FPU = 0x81a0ae8c;

  /** {@code KVM_GET_LAPIC}. */
  public static final int GET_LAPIC = 0x8400ae8e;

  /** {@code KVM_GET_MP_STATE}. */
  public static final int GET_MP_STATE = 0x8004ae98;

  /** {@code KVM_GET_MSRS}. */
  public static final int GET_MSRS = 0xc008ae88;

  /** {@code KVM_GET_NESTED_STATE}. */
  public static final int GET_NESTED_STATE = 0xc080aebe;

  /** {@code KVM_GET_ONE_REG}. */
  public static final int GET_ONE_REG = 0x4010aeab;

  /** {@code KVM_GET_REG_LIST}. */
  public static final int GET_REG_LIST = 0xc008aeb0;

  /** {@code KVM_GET_VCPU_EVENTS}. */
  public static final int GET_VCPU_EVENTS = 0x8040ae9f;

  /** {@code KVM_GET_XCRS}. */
  public static final int GET_XCRS = 0x8188aea6;

  /** {@code KVM_GET_XSAVE}. */
  public static final int GET_XSAVE = 0x9000aea4;

  /** {@code KVM_GET_XSAVE2}. */
  public static final int GET_XSAVE2 = 0x9000aecf;

  /** {@code KVM_INTERRUPT}. */
  public static final int INTERRUPT = 0x4004ae86;

  /** {@code KVM_KVMCLOCK_CTRL}. */
  public static final int KVMCLOCK_CTRL = 0x0000aead;

  /** {@code KVM_NMI}. */
  public static final int NMI = 0x0000ae9a;

  /** {@code KVM_PRE_FAULT_MEMORY}. */
  public static final int PRE_FAULT_MEMORY = 0xc040aed5;

  /** {@code KVM_SET_CPUID}. */
  public static final int SET_CPUID = 0x4008ae8a;

  /** {@code KVM_SET_CPUID2}. */
  public static final int SET_CPUID2 = 0x4008ae90;

  /** {@code KVM_SET_DEBUGREGS}. */
  public static final int SET_DEBUGREGS = 0x4080aea2;

  /** {@code KVM_SET_FPU}. */
  public static final int SET_FPU = 0x41a0ae8d;

  /** {@code KVM_SET_GUEST_DEBUG}. */
  public static final int SET_GUEST_DEBUG = 0x4048ae9b;

  /** {@code KVM_SET_LAPIC}. */
  public static final int SET_LAPIC = 0x4400ae8f;

  /** {@code KVM_SET_MP_STATE}. */
  public static final int SET_MP_STATE = 0x4004ae99;

  /** {@code KVM_SET_MSRS}. */
  public static final int SET_MSRS = 0x4008ae89;

  /** {@code KVM_SET_NESTED_STATE}. */
  public static final int SET_NESTED_STATE = 0x4080aebf;

  /** {@code KVM_SET_ONE_REG}. */
  public static final int SET_ONE_REG = 0x4010aeac;

  /** {@code KVM_SET_SIGNAL_MASK}. */
  public static final int SET_SIGNAL_MASK = 0x4004ae8b;

  /** {@code KVM_SET_VAPIC_ADDR}. */
  public static final int SET_VAPIC_ADDR = 0x4008ae93;

  /** {@code KVM_SET_VCPU_EVENTS}. */
  public static final int SET_VCPU_EVENTS = 0x4040aea0;

  /** {@code KVM_SET_XCRS}. */
  public static final int SET_XCRS = 0x4188aea7;

  /** {@code KVM_SET_XSAVE}. */
  public static final int SET_XSAVE = 0x5000aea5;

  /** {@code KVM_SMI}. */
  public static final int SMI = 0x0000aeb7;

  /** {@code KVM_TPR_ACCESS_REPORTING}. */
  public static final int TPR_ACCESS_REPORTING = 0xc028ae92;

  /** {@code KVM_TRANSLATE}. */
  public static final int TRANSLATE = 0xc018ae85;

  /** {@code KVM_X86_SETUP_MCE}. */
  public static final int X86_SETUP_MCE = 0x4008ae9c;

  /** {@code KVM_X86_SET_MCE}. */
  public static final int X86_SET_MCE = 0x4040ae9e;

  /** {@code KVM_XEN_VCPU_GET_ATTR}. */
  public static final int XEN_VCPU_GET_ATTR = 0xc048aeca;

  /** {@code KVM_XEN_VCPU_SET_ATTR}. */
  public static final int XEN_VCPU_SET_ATTR = 0x4048aecb;

  // ---- device files; some on others too ----

  /** {@code KVM_SET_DEVICE_ATTR}. */
  public static final int SET_DEVICE_ATTR = 0x4018aee1;

  /** {@code KVM_GET_DEVICE_ATTR}. */
  public static final int GET_DEVICE_ATTR = 0x4018aee2;

  /** {@code KVM_HAS_DEVICE_ATTR}. */
  public static final int HAS_DEVICE_ATTR = 0x4018aee3;

  private KvmIoctl() {}

  /** Returns the name of an ioctl without its prefix, for example {@code CREATE_VM}. */
  public static String name(int number) {
    return switch (number) {
      case GET_API_VERSION -> "GET_API_VERSION";
      case CREATE_VM -> "CREATE_VM";
      case CHECK_EXTENSION -> "CHECK_EXTENSION";
      case GET_VCPU_MMAP_SIZE -> "GET_VCPU_MMAP_SIZE";
      case GET_MSR_INDEX_LIST -> "GET_MSR_INDEX_LIST";
      case GET_SUPPORTED_CPUID -> "GET_SUPPORTED_CPUID";
      case GET_EMULATED_CPUID -> "GET_EMULATED_CPUID";
      case GET_MSR_FEATURE_INDEX_LIST -> "GET_MSR_FEATURE_INDEX_LIST";
      case X86_GET_MCE_CAP_SUPPORTED -> "X86_GET_MCE_CAP_SUPPORTED";
      case GET_SUPPORTED_HV_CPUID -> "GET_SUPPORTED_HV_CPUID";
      case CREATE_VCPU -> "CREATE_VCPU";
      case ENABLE_CAP -> "ENABLE_CAP";
      case SET_USER_MEMORY_REGION -> "SET_USER_MEMORY_REGION";
      case SET_USER_MEMORY_REGION2 -> "SET_USER_MEMORY_REGION2";
      case GET_DIRTY_LOG -> "GET_DIRTY_LOG";
      case CLEAR_DIRTY_LOG -> "CLEAR_DIRTY_LOG";
      case REGISTER_COALESCED_MMIO -> "REGISTER_COALESCED_MMIO";
      case UNREGISTER_COALESCED_MMIO -> "UNREGISTER_COALESCED_MMIO";
      case IRQFD -> "IRQFD";
      case IOEVENTFD -> "IOEVENTFD";
      case SIGNAL_MSI -> "SIGNAL_MSI";
      case IRQ_LINE -> "IRQ_LINE";
      case IRQ_LINE_STATUS -> "IRQ_LINE_STATUS";
      case SET_GSI_ROUTING -> "SET_GSI_ROUTING";
      case SET_MEMORY_ATTRIBUTES -> "SET_MEMORY_ATTRIBUTES";
      case CREATE_DEVICE -> "CREATE_DEVICE";
      case RESET_DIRTY_RINGS -> "RESET_DIRTY_RINGS";
      case GET_STATS_FD -> "GET_STATS_FD";
      case CREATE_GUEST_MEMFD -> "CREATE_GUEST_MEMFD";
      case SET_TSS_ADDR -> "SET_TSS_ADDR";
      case SET_IDENTITY_MAP_ADDR -> "SET_IDENTITY_MAP_ADDR";
      case SET_NR_MMU_PAGES -> "SET_NR_MMU_PAGES";
      case GET_NR_MMU_PAGES -> "GET_NR_MMU_PAGES";
      case CREATE_IRQCHIP -> "CREATE_IRQCHIP";
      case CREATE_PIT -> "CREATE_PIT";
      case CREATE_PIT2 -> "CREATE_PIT2";
      case GET_IRQCHIP -> "GET_IRQCHIP";
      case SET_IRQCHIP -> "SET_IRQCHIP";
      case GET_PIT -> "GET_PIT";
      case SET_PIT -> "SET_PIT";
      case GET_PIT2 -> "GET_PIT2";
      case SET_PIT2 -> "SET_PIT2";
      case REINJECT_CONTROL -> "REINJECT_CONTROL";
      case SET_BOOT_CPU_ID -> "SET_BOOT_CPU_ID";
      case XEN_HVM_CONFIG -> "XEN_HVM_CONFIG";
      case XEN_HVM_GET_ATTR -> "XEN_HVM_GET_ATTR";
      case XEN_HVM_SET_ATTR -> "XEN_HVM_SET_ATTR";
      case XEN_HVM_EVTCHN_SEND -> "XEN_HVM_EVTCHN_SEND";
      case SET_CLOCK -> "SET_CLOCK";
      case GET_CLOCK -> "GET_CLOCK";
      case SET_TSC_KHZ -> "SET_TSC_KHZ";
      case GET_TSC_KHZ -> "GET_TSC_KHZ";
      case MEMORY_ENCRYPT_OP -> "MEMORY_ENCRYPT_OP";
      case MEMORY_ENCRYPT_REG_REGION -> "MEMORY_ENCRYPT_REG_REGION";
      case MEMORY_ENCRYPT_UNREG_REGION -> "MEMORY_ENCRYPT_UNREG_REGION";
      case HYPERV_EVENTFD -> "HYPERV_EVENTFD";
      case SET_PMU_EVENT_FILTER -> "SET_PMU_EVENT_FILTER";
      case X86_SET_MSR_FILTER -> "X86_SET_MSR_FILTER";
      case RUN -> "RUN";
      case GET_REGS -> "GET_REGS";
      case SET_REGS -> "SET_REGS";
      case GET_SREGS -> "GET_SREGS";
      case SET_SREGS -> "SET_SREGS";
      case GET_SREGS2 -> "GET_SREGS2";
      case SET_SREGS2 -> "SET_SREGS2";
      case GET_CPUID2 -> "GET_CPUID2";
      case GET_DEBUGREGS -> "GET_DEBUGREGS";
      case GET_FPU -> "GET_FPU";
      case GET_LAPIC -> "GET_LAPIC";
      case GET_MP_STATE -> "GET_MP_STATE";
      case GET_MSRS -> "GET_MSRS";
      case GET_NESTED_STATE -> "GET_NESTED_STATE";
      case GET_ONE_REG -> "GET_ONE_REG";
      case GET_REG_LIST -> "GET_REG_LIST";
      case GET_VCPU_EVENTS -> "GET_VCPU_EVENTS";
      case GET_XCRS -> "GET_XCRS";
      case GET_XSAVE -> "GET_XSAVE";
      case GET_XSAVE2 -> "GET_XSAVE2";
      case INTERRUPT -> "INTERRUPT";
      case KVMCLOCK_CTRL -> "KVMCLOCK_CTRL";
      case NMI -> "NMI";
      case PRE_FAULT_MEMORY -> "PRE_FAULT_MEMORY";
      case SET_CPUID -> "SET_CPUID";
      case SET_CPUID2 -> "SET_CPUID2";
      case SET_DEBUGREGS -> "SET_DEBUGREGS";
      case SET_FPU -> "SET_FPU";
      case SET_GUEST_DEBUG -> "SET_GUEST_DEBUG";
      case SET_LAPIC -> "SET_LAPIC";
      case SET_MP_STATE -> "SET_MP_STATE";
      case SET_MSRS -> "SET_MSRS";
      case SET_NESTED_STATE -> "SET_NESTED_STATE";
      case SET_ONE_REG -> "SET_ONE_REG";
      case SET_SIGNAL_MASK -> "SET_SIGNAL_MASK";
      case SET_VAPIC_ADDR -> "SET_VAPIC_ADDR";
      case SET_VCPU_EVENTS -> "SET_VCPU_EVENTS";
      case SET_XCRS -> "SET_XCRS";
      case SET_XSAVE -> "SET_XSAVE";
      case SMI -> "SMI";
      case TPR_ACCESS_REPORTING -> "TPR_ACCESS_REPORTING";
      case TRANSLATE -> "TRANSLATE";
      case X86_SETUP_MCE -> "X86_SETUP_MCE";
      case X86_SET_MCE -> "X86_SET_MCE";
      case XEN_VCPU_GET_ATTR -> "XEN_VCPU_GET_ATTR";
      case XEN_VCPU_SET_ATTR -> "XEN_VCPU_SET_ATTR";
      case SET_DEVICE_ATTR -> "SET_DEVICE_ATTR";
      case GET_DEVICE_ATTR -> "GET_DEVICE_ATTR";
      case HAS_DEVICE_ATTR -> "HAS_DEVICE_ATTR";
      default -> "0x%08x".formatted(number);
    };
  }
}
