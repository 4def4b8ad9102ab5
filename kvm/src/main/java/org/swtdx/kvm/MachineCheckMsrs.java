package org.swtdx.kvm;

/**
 * The machine-check MSRs of an ordinary vCPU: IA32_MCG_* and four of each bank, of which
 * IA32_MCG_CAP says how many there are. Results are those of {@link VmxMsrs}.
 */
final class MachineCheckMsrs {
  private static final int MCG_CAP = 0x179, MCG_STATUS = 0x17a, MCG_CTL = 0x17b;
  private static final int CTL2 = 0x280, BANKS = 0x400;
  private static final int PER_BANK = 4, CONTROL = 0, STATUS = 1;
  private static final long CTL_PRESENT = 1 << 8;

  private final long[] banks = new long[PER_BANK * MachineCheck.MAX_BANKS];
  private long capability = MachineCheck.MAX_BANKS;
  private long status;
  private long control;
  private long value;

  /** KVM_X86_SETUP_MCE with a capability that is supported. */
  void setUp(long cap) {
    capability = cap;
    if (hasControl()) {
      control = -1;
    }
    for (int bank = 0; bank < count(); bank++) {
      banks[PER_BANK * bank] = -1;
    }
  }

  private int count() {
    return (int) capability & 0xff;
  }

  private boolean hasControl() {
    return (capability & CTL_PRESENT) != 0;
  }

  /** What the last successful {@link #read} found. */
  long value() {
    return value;
  }

  /** Whether {@code msr} is one of these, of whatever number of banks. */
  static boolean contains(int msr) {
    return msr >= MCG_CAP && msr <= MCG_CTL
        || msr >= CTL2 && msr < CTL2 + MachineCheck.MAX_BANKS
        || msr >= BANKS && msr < BANKS + PER_BANK * MachineCheck.MAX_BANKS;
  }

  int read(int msr, boolean byHost) {
    switch (msr) {
      case MCG_CAP -> value = capability;
      case MCG_STATUS -> value = status;
      case MCG_CTL -> {
        if (!hasControl() && !byHost) {
          return VmOptions.MSR_INVALID;
        }
        value = control;
      }
      default -> {
        boolean threshold = msr < BANKS;
        int bank = threshold ? msr - CTL2 : msr - BANKS >> 2;
        if (bank >= count() || threshold && !byHost) {
          return VmOptions.MSR_INVALID;
        }
        value = threshold ? 0 : banks[msr - BANKS];
      }
    }
    return VmxMsrs.DONE;
  }

  int write(int msr, long data, boolean byHost) {
    return switch (msr) {
      case MCG_CAP -> VmOptions.MSR_UNKNOWN;
      case MCG_STATUS -> {
        status = data;
        yield VmxMsrs.DONE;
      }
      case MCG_CTL -> {
        if (!hasControl() && (data != 0 || !byHost) || data != 0 && data != -1) {
          yield VmOptions.MSR_INVALID;
        }
        control = data;
        yield VmxMsrs.DONE;
      }
      default -> msr < BANKS ? threshold(msr, data, byHost) : bank(msr - BANKS, data, byHost);
    };
  }

  /** There are no corrected-error interrupts: only user space may write, and 0. */
  private int threshold(int msr, long data, boolean byHost) {
    boolean valid = msr - CTL2 < count() && data == 0 && byHost;
    return valid ? VmxMsrs.DONE : VmOptions.MSR_INVALID;
  }

  private int bank(int register, long data, boolean byHost) {
    int kind = register % PER_BANK;
    // Bits 0 and 10 of a control register may be clear: systems do that for certain processors.
    boolean badControl = kind == CONTROL && data != 0 && (data | 1 << 10 | 1) != -1;
    boolean badStatus = kind == STATUS && data != 0 && !byHost;
    if (register / PER_BANK >= count() || badControl || badStatus) {
      return VmOptions.MSR_INVALID;
    }
    banks[register] = data;
    return VmxMsrs.DONE;
  }
}
