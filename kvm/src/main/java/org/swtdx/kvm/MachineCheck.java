package org.swtdx.kvm;

/** The machine-check architecture that guests can have. */
final class MachineCheck {
  /** #MC. */
  static final int VECTOR = 18;

  /** {@code KVM_MAX_MCE_BANKS}. */
  static final int MAX_BANKS = 32;

  private static final long CTL_PRESENT = 1 << 8;
  private static final long SOFTWARE_RECOVERY = 1 << 24;

  /** MCG_CAP bits that KVM_X86_SETUP_MCE may ask for, bank count aside. */
  static final long SUPPORTED_CAP = CTL_PRESENT | SOFTWARE_RECOVERY;

  private MachineCheck() {}

  /** Whether a value for MCG_CAP can be had. */
  static boolean supports(long cap) {
    long banks = cap & 0xff;
    return banks != 0 && banks <= MAX_BANKS && (cap & ~(SUPPORTED_CAP | 0xff00ff)) == 0;
  }
}
