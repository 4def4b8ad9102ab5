package org.swtdx.kvm;

import java.util.HashMap;
import java.util.Map;

/**
 * The MSRs that KVM emulates for a TD's vCPU, reached by TDVMCALL and by KVM_GET_MSRS: x2APIC
 * registers that the processor does not virtualize, MTRRs and machine-check banks as plain storage,
 * a few feature MSRs. Whatever is not here is refused.
 */
final class TdMsrs {
  private static final int FEATURE_CONTROL = 0x3a;
  private static final int APIC_BASE = 0x1b;
  private static final int MICROCODE = 0x8b;
  private static final int PLATFORM_INFO = 0xce;
  private static final int MTRR_CAP = 0xfe;
  private static final int ARCH_CAPABILITIES = 0x10a;
  private static final int MISC_FEATURES = 0x140;
  private static final int MCG_CAP = 0x179;
  private static final int MCG_STATUS = 0x17a;
  private static final int MCG_CTL = 0x17b;
  private static final int MISC_ENABLE = 0x1a0;
  private static final int POWER_CTL = 0x1fc;
  private static final int MTRR_FIX_64K = 0x250;
  private static final int PAT = 0x277;
  private static final int MTRR_DEF_TYPE = 0x2ff;
  private static final int MC0_CTL2 = 0x280;
  private static final int MC0_CTL = 0x400;
  private static final int TSC_DEADLINE = 0x6e0;
  private static final int EFER = 0xc000_0080;
  private static final int KVM_POLL_CONTROL = 0x4b56_4d05;

  private static final int MC_BANKS = 32;
  private static final int VARIABLE_MTRRS = 8;
  private static final long MTRR_CAP_VALUE = 0x500 | VARIABLE_MTRRS;
  private static final long APIC_BASE_VALUE = 0xfee0_0c00L;
  private static final long APIC_BASE_BSP = 1 << 8;
  private static final long EFER_VALUE = 0xd01;
  private static final long PAT_RESET = 0x0007_0406_0007_0406L;

  private final TdxVcpu vcpu;
  private final Map<Integer, Long> stored = new HashMap<>();
  private final long[] result = new long[1];

  TdMsrs(TdxVcpu vcpu) {
    this.vcpu = vcpu;
    stored.put(MISC_ENABLE, 0x1800L);
    stored.put(PAT, PAT_RESET);
    stored.put(KVM_POLL_CONTROL, 1L);
    stored.put(PLATFORM_INFO, 1L << 31);
    stored.put(MICROCODE, 1L << 32);
    stored.put(MCG_CAP, 1L << 24 | 1 << 8 | MC_BANKS);
  }

  /** The value that the last successful {@link #read} found. */
  long value() {
    return result[0];
  }

  /** Reads an MSR; false when there is none. */
  boolean read(int msr) {
    if (msr >= ApicRegister.X2APIC_BASE && msr < ApicRegister.X2APIC_BASE + 0x40) {
      return !processorOwned(msr) && vcpu.lapic().readMsr(msr, result);
    }
    switch (msr) {
      case APIC_BASE ->
          result[0] = APIC_BASE_VALUE | (vcpu.vm().isBootCpu(vcpu.id()) ? APIC_BASE_BSP : 0);
      case EFER -> result[0] = EFER_VALUE;
      case FEATURE_CONTROL -> result[0] = 1;
      case MTRR_CAP -> result[0] = MTRR_CAP_VALUE;
      case TSC_DEADLINE -> result[0] = vcpu.lapic().timer().tscDeadline();
      default -> {
        if (!isStorage(msr)) {
          return false;
        }
        result[0] = stored.getOrDefault(msr, 0L);
      }
    }
    return true;
  }

  /** Writes an MSR; false when the guest shall get #GP. */
  boolean write(int msr, long value, boolean byHost) {
    if (msr >= ApicRegister.X2APIC_BASE && msr < ApicRegister.X2APIC_BASE + 0x40) {
      return !processorOwned(msr) && vcpu.lapic().writeMsr(msr, value);
    }
    switch (msr) {
      case APIC_BASE, EFER, FEATURE_CONTROL, MTRR_CAP -> {
        return false;
      }
      case MCG_CAP, PLATFORM_INFO, ARCH_CAPABILITIES -> {
        if (!byHost) {
          return false;
        }
      }
      case MICROCODE -> {
        if (!byHost) {
          return true; // a guest's update trigger is ignored
        }
      }
      case TSC_DEADLINE -> {
        vcpu.lapic().timer().tscDeadline(value);
        return true;
      }
      default -> {
        if (!isStorage(msr) || !validStorage(msr, value)) {
          return false;
        }
      }
    }
    stored.put(msr, value);
    return true;
  }

  /** KVM_X86_SETUP_MCE: all banks report. */
  void setUpMachineChecks(long capability) {
    stored.put(MCG_CAP, capability);
    stored.put(MCG_CTL, -1L);
    for (int bank = 0; bank < (capability & 0xff); bank++) {
      stored.put(MC0_CTL + 4 * bank, -1L);
    }
  }

  private static boolean validStorage(int msr, long value) {
    if (msr == PAT) {
      return memoryTypes(value, true);
    }
    if (msr >= MTRR_FIX_64K && msr < PAT) {
      return memoryTypes(value, false);
    }
    return true;
  }

  /** Whether each byte is a memory type; UC- (7) exists in PAT only. */
  private static boolean memoryTypes(long value, boolean pat) {
    for (int shift = 0; shift < 64; shift += 8) {
      int type = (int) (value >>> shift) & 0xff;
      if (type > 7 || type == 2 || type == 3 || type == 7 && !pat) {
        return false;
      }
    }
    return true;
  }

  private static boolean processorOwned(int msr) {
    int register = msr - ApicRegister.X2APIC_BASE;
    return switch (register) {
      case ApicRegister.TPR, ApicRegister.PPR, ApicRegister.EOI, ApicRegister.SELF_IPI -> true;
      default -> register >= ApicRegister.ISR && register < ApicRegister.ESR;
    };
  }

  private static boolean isStorage(int msr) {
    return switch (msr) {
      case MICROCODE,
          PLATFORM_INFO,
          ARCH_CAPABILITIES,
          MISC_FEATURES,
          MCG_CAP,
          MCG_STATUS,
          MCG_CTL,
          MISC_ENABLE,
          POWER_CTL,
          PAT,
          MTRR_DEF_TYPE,
          KVM_POLL_CONTROL ->
          true;
      default ->
          msr >= 0x200 && msr < 0x200 + 2 * VARIABLE_MTRRS
              || msr == MTRR_FIX_64K
              || msr == 0x258
              || msr == 0x259
              || msr >= 0x268 && msr <= 0x26f
              || msr >= MC0_CTL2 && msr < MC0_CTL2 + MC_BANKS
              || msr >= MC0_CTL && msr < MC0_CTL + 4 * MC_BANKS;
    };
  }
}
