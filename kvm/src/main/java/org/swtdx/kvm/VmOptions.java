package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;

/** What KVM_ENABLE_CAP and some other ioctls change about a VM. Any thread. */
final class VmOptions {
  /** Reasons for which a guest's MSR access leaves to user space, {@code KVM_MSR_EXIT_REASON_*}. */
  static final int MSR_INVALID = 1, MSR_UNKNOWN = 2, MSR_FILTER = 4, MSR_REASONS = 7;

  /** Quirks, {@code KVM_X86_QUIRK_*}, that make a difference here. */
  static final int FIX_HYPERCALL = 1 << 5, STUFF_FEATURE_MSRS = 1 << 8;

  /** {@code KVM_X2APIC_*} of KVM_CAP_X2APIC_API. */
  static final int X2APIC_32BIT_IDS = 1,
      NO_X2APIC_BROADCAST_QUIRK = 2,
      SUPPRESS_EOI_BROADCAST = 4,
      DISABLE_SUPPRESS_EOI_BROADCAST = 8,
      EOI_BROADCAST_FLAGS = SUPPRESS_EOI_BROADCAST | DISABLE_SUPPRESS_EOI_BROADCAST,
      X2APIC_FLAGS = 15;

  /** {@code KVM_DIRTY_LOG_*} of KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2. */
  static final int MANUAL_PROTECT = 1, INITIALLY_SET = 2;

  /** Hypercalls that leave to user space, by bit. */
  volatile long exitHypercalls;

  /** {@code KVM_X2APIC_*} in force. */
  volatile int x2ApicFlags;

  /** For which reasons MSR accesses leave to user space. */
  volatile int msrExits;

  /** MSRs that the guest must not access; null if it may all. */
  volatile @Nullable MsrFilter msrFilter;

  /** Whether pending exceptions are told from injected ones in kvm_vcpu_events. */
  volatile boolean exceptionPayload;

  /** Whether a pending triple fault is part of kvm_vcpu_events. */
  volatile boolean tripleFaultEvent;

  /** Whether the guest can read MSR_PLATFORM_INFO. */
  volatile boolean readsPlatformInfo = true;

  /** {@code KVM_DIRTY_LOG_*} in force. */
  volatile int dirtyLog;

  /** Bytes of each vCPU's dirty ring; 0 when there is none. */
  volatile int dirtyRingBytes;

  /** TSC frequency of new vCPUs, in kHz. */
  volatile int tscKhz;

  /** Length of an APIC timer tick. */
  volatile int busCycleNanos = 1;

  /** {@code KVM_X86_QUIRK_*} that user space disabled. */
  volatile long disabledQuirks;

  VmOptions(int tscKhz) {
    this.tscKhz = tscKhz;
  }

  /** Whether a quirk, one of those below, is in force. */
  boolean hasQuirk(int quirk) {
    return (disabledQuirks & quirk) == 0;
  }

  /** Whether APIC ids have 32 bits in messages and in the state of x2APICs. */
  boolean has32BitApicIds() {
    return (x2ApicFlags & X2APIC_32BIT_IDS) != 0;
  }

  /** Whether destination 0xff of a message means all, for x2APICs too. */
  boolean hasBroadcastQuirk() {
    return (x2ApicFlags & NO_X2APIC_BROADCAST_QUIRK) == 0;
  }

  boolean exitsOnHypercall(int number) {
    return (exitHypercalls >>> number & 1) != 0;
  }

  /** Whether the guest may access an MSR. */
  boolean allowsMsr(int msr, boolean write) {
    MsrFilter filter = msrFilter;
    return filter == null || filter.allows(msr, write);
  }
}
