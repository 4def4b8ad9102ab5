package org.swtdx.kvm.uapi;

/** Reasons with which KVM_RUN returns, {@code KVM_EXIT_*}. */
public final class KvmExit {
  /** {@code KVM_EXIT_UNKNOWN}. */
  public static final int UNKNOWN = 0;

  /** {@code KVM_EXIT_EXCEPTION}. */
  public static final int EXCEPTION = 1;

  /** {@code KVM_EXIT_IO}. */
  public static final int IO = 2;

  /** {@code KVM_EXIT_HYPERCALL}. */
  public static final int HYPERCALL = 3;

  /** {@code KVM_EXIT_DEBUG}. */
  public static final int DEBUG = 4;

  /** {@code KVM_EXIT_HLT}. */
  public static final int HLT = 5;

  /** {@code KVM_EXIT_MMIO}. */
  public static final int MMIO = 6;

  /** {@code KVM_EXIT_IRQ_WINDOW_OPEN}. */
  public static final int IRQ_WINDOW_OPEN = 7;

  /** {@code KVM_EXIT_SHUTDOWN}. */
  public static final int SHUTDOWN = 8;

  /** {@code KVM_EXIT_FAIL_ENTRY}. */
  public static final int FAIL_ENTRY = 9;

  /** {@code KVM_EXIT_INTR}. */
  public static final int INTR = 10;

  /** {@code KVM_EXIT_INTERNAL_ERROR}. */
  public static final int INTERNAL_ERROR = 17;

  /** {@code KVM_EXIT_SYSTEM_EVENT}. */
  public static final int SYSTEM_EVENT = 24;

  /** {@code KVM_EXIT_IOAPIC_EOI}. */
  public static final int IOAPIC_EOI = 26;

  /** {@code KVM_EXIT_X86_RDMSR}. */
  public static final int X86_RDMSR = 29;

  /** {@code KVM_EXIT_X86_WRMSR}. */
  public static final int X86_WRMSR = 30;

  /** {@code KVM_EXIT_DIRTY_RING_FULL}. */
  public static final int DIRTY_RING_FULL = 31;

  /** {@code KVM_EXIT_MEMORY_FAULT}. */
  public static final int MEMORY_FAULT = 39;

  /** {@code KVM_EXIT_TDX}. */
  public static final int TDX = 40;

  private KvmExit() {}

  /** Kinds of {@link #SYSTEM_EVENT}. */
  public static final int SYSTEM_EVENT_SHUTDOWN = 1,
      SYSTEM_EVENT_RESET = 2,
      SYSTEM_EVENT_CRASH = 3,
      SYSTEM_EVENT_TDX_FATAL = 7;

  /** Kinds of {@link #INTERNAL_ERROR}. */
  public static final int INTERNAL_ERROR_EMULATION = 1,
      INTERNAL_ERROR_SIMUL_EX = 2,
      INTERNAL_ERROR_DELIVERY_EV = 3,
      INTERNAL_ERROR_UNEXPECTED_EXIT_REASON = 4;

  /** {@code KVM_MEMORY_EXIT_FLAG_PRIVATE}. */
  public static final long MEMORY_FAULT_PRIVATE = 8;

  /** {@code KVM_HC_MAP_GPA_RANGE}: {@link KvmRun#hypercallNr} of a conversion request. */
  public static final int HC_MAP_GPA_RANGE = 12;

  /** Bit of the third argument of {@link #HC_MAP_GPA_RANGE}: make the range private. */
  public static final long MAP_GPA_RANGE_ENCRYPTED = 1 << 4;

  /** Returns the uABI name of an exit reason, for example {@code KVM_EXIT_IO}. */
  public static String name(int reason) {
    return switch (reason) {
      case UNKNOWN -> "KVM_EXIT_UNKNOWN";
      case EXCEPTION -> "KVM_EXIT_EXCEPTION";
      case IO -> "KVM_EXIT_IO";
      case HYPERCALL -> "KVM_EXIT_HYPERCALL";
      case DEBUG -> "KVM_EXIT_DEBUG";
      case HLT -> "KVM_EXIT_HLT";
      case MMIO -> "KVM_EXIT_MMIO";
      case IRQ_WINDOW_OPEN -> "KVM_EXIT_IRQ_WINDOW_OPEN";
      case SHUTDOWN -> "KVM_EXIT_SHUTDOWN";
      case FAIL_ENTRY -> "KVM_EXIT_FAIL_ENTRY";
      case INTR -> "KVM_EXIT_INTR";
      case INTERNAL_ERROR -> "KVM_EXIT_INTERNAL_ERROR";
      case SYSTEM_EVENT -> "KVM_EXIT_SYSTEM_EVENT";
      case IOAPIC_EOI -> "KVM_EXIT_IOAPIC_EOI";
      case X86_RDMSR -> "KVM_EXIT_X86_RDMSR";
      case X86_WRMSR -> "KVM_EXIT_X86_WRMSR";
      case DIRTY_RING_FULL -> "KVM_EXIT_DIRTY_RING_FULL";
      case MEMORY_FAULT -> "KVM_EXIT_MEMORY_FAULT";
      case TDX -> "KVM_EXIT_TDX";
      default -> "KVM_EXIT_" + reason;
    };
  }
}
