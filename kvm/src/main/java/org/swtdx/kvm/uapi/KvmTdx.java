package org.swtdx.kvm.uapi;

/** Sub-commands of KVM_MEMORY_ENCRYPT_OP on a TD, and TDVMCALL numbers that reach user space. */
public final class KvmTdx {
  /** {@code KVM_TDX_CAPABILITIES}, VM scope. */
  public static final int CAPABILITIES = 0;

  /** {@code KVM_TDX_INIT_VM}, VM scope. */
  public static final int INIT_VM = 1;

  /** {@code KVM_TDX_INIT_VCPU}, vCPU scope; data is the initial RCX and R8. */
  public static final int INIT_VCPU = 2;

  /** {@code KVM_TDX_INIT_MEM_REGION}, vCPU scope. */
  public static final int INIT_MEM_REGION = 3;

  /** {@code KVM_TDX_FINALIZE_VM}, VM scope. */
  public static final int FINALIZE_VM = 4;

  /** {@code KVM_TDX_GET_CPUID}, vCPU scope. */
  public static final int GET_CPUID = 5;

  /** Flag of {@link #INIT_MEM_REGION}: extend MRTD with the contents. */
  public static final int MEASURE_MEMORY_REGION = 1;

  /** KVM_EXIT_TDX number: GetTdVmCallInfo. */
  public static final int TDVMCALL_GET_TD_VM_CALL_INFO = 0x10000;

  /** KVM_EXIT_TDX number: GetQuote. */
  public static final int TDVMCALL_GET_QUOTE = 0x10002;

  /** KVM_EXIT_TDX number: SetupEventNotifyInterrupt. */
  public static final int TDVMCALL_SETUP_EVENT_NOTIFY_INTERRUPT = 0x10004;

  private KvmTdx() {}

  /** TDVMCALL completion status, GHCI. */
  public static final long STATUS_SUCCESS = 0,
      STATUS_RETRY = 1,
      STATUS_INVALID_OPERAND = 1L << 63,
      STATUS_ALIGN_ERROR = 1L << 63 | 2,
      STATUS_SUBFUNC_UNSUPPORTED = 1L << 63 | 3;
}
