package org.swtdx.kvm;

import java.util.HashMap;
import java.util.Map;
import org.swtdx.cpu.CpuState;

/**
 * The MSRs of an ordinary vCPU: the processor's, the local APIC's, and those that KVM keeps. An
 * access is {@link #DONE}, or fails with {@link VmOptions#MSR_INVALID} or, where there is no such
 * MSR, {@link VmOptions#MSR_UNKNOWN}.
 */
final class VmxMsrs {
  static final int DONE = 0;

  private static final int INVALID = VmOptions.MSR_INVALID, UNKNOWN = VmOptions.MSR_UNKNOWN;

  private static final int TSC = 0x10;
  private static final int APIC_BASE = 0x1b;
  private static final int SMI_COUNT = 0x34;
  private static final int FEATURE_CONTROL = 0x3a;
  private static final int TSC_ADJUST = 0x3b;
  private static final int SPEC_CTRL = 0x48;
  private static final int PRED_CMD = 0x49;
  private static final int MICROCODE = 0x8b;
  private static final int PLATFORM_INFO = 0xce;
  private static final int ARCH_CAPABILITIES = 0x10a;
  private static final int FLUSH_CMD = 0x10b;
  private static final int MISC_FEATURES = 0x140;
  private static final int MISC_ENABLE = 0x1a0;
  private static final int DEBUGCTL = 0x1d9;
  private static final int POWER_CTL = 0x1fc;
  private static final int PAT = 0x277;
  private static final int PERF_CAPABILITIES = 0x345;
  private static final int TSC_DEADLINE = 0x6e0;
  private static final int END_OF_INTERRUPT = 0x80b;
  private static final int WALL_CLOCK = 0x11, WALL_CLOCK_NEW = 0x4b56_4d00;
  private static final int SYSTEM_TIME = 0x12, SYSTEM_TIME_NEW = 0x4b56_4d01;
  private static final int EFER = 0xc000_0080;
  private static final int TSC_AUX = 0xc000_0103;
  private static final int HWCR = 0xc001_0015;

  /** {@code KVM_FEATURE_CLOCKSOURCE}, {@code KVM_FEATURE_CLOCKSOURCE2}. */
  private static final int OLD_CLOCK = 0, NEW_CLOCK = 3;

  /** IBRS, STIBP, SSBD, IPRED, RRSBA, PSFD and BHI controls. */
  private static final long SPEC_CTRL_BITS = 0x4ff;

  /** No branch trace store, no precise event sampling: the guest cannot change that. */
  private static final long MISC_ENABLE_RESET = 1 << 11 | 1 << 12;

  /** Performance monitoring: the guest's writes are ignored. */
  private static final long MISC_ENABLE_MONITORING = 1 << 7;

  /** Of IA32_FEATURE_CONTROL: the lock; and what user space may set: VMX, SGX, LMCE. */
  private static final long LOCKED = 1, FEATURE_CONTROL_BITS = 0x16_0007;

  /** CPUID faults outside CPL 0, in MSR_PLATFORM_INFO and in MSR_MISC_FEATURES_ENABLES. */
  private static final long CPUID_FAULT_SUPPORTED = 1L << 31, CPUID_FAULT = 1;

  /** Last branches, single steps on branches: may be set, and are not kept. */
  private static final long DEBUGCTL_IGNORED = 3;

  /** Of HWCR, what is kept: McStatusWrEn and TscFreqSel; and what is dropped without a fault. */
  private static final long HWCR_KEPT = 1L << 24 | 1L << 18, HWCR_DROPPED = 0x148;

  private static final long EFER_BITS = 0xd01, EFER_LMA = 1 << 10;

  private final VmxVcpu vcpu;
  private final Map<Integer, Long> stored = new HashMap<>();
  private final MachineCheckMsrs machineChecks = new MachineCheckMsrs();
  private final MemoryTypeMsrs memoryTypes = new MemoryTypeMsrs();
  private final long[] result = new long[1];
  private long tscAdjust;

  VmxMsrs(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    boolean stuffed = vcpu.vm().options.hasQuirk(VmOptions.STUFF_FEATURE_MSRS);
    for (int feature : MsrLists.FEATURES) {
      stored.put(feature, stuffed ? MsrLists.featureValue(feature) : 0);
    }
    stored.put(MISC_ENABLE, MISC_ENABLE_RESET);
  }

  MachineCheckMsrs machineChecks() {
    return machineChecks;
  }

  private long kept(int msr) {
    return stored.getOrDefault(msr, 0L);
  }

  private int keep(int msr, long value, boolean valid) {
    if (!valid) {
      return INVALID;
    }
    stored.put(msr, value);
    return DONE;
  }

  /** Whether CPUID faults outside CPL 0, as the guest asked for. */
  boolean cpuidFaults() {
    return (kept(MISC_FEATURES) & CPUID_FAULT) != 0;
  }

  /** Whether a guest's access leaves the guest; else the processor answers it. */
  boolean exits(int msr, boolean write) {
    return !vcpu.vm().options.allowsMsr(msr, write) || intercepted(msr, write);
  }

  private boolean intercepted(int msr, boolean write) {
    return switch (msr) {
      case 0x174, 0x175, 0x176, PAT, 0xda0 -> false;
      case EFER, 0xc000_0081, 0xc000_0082, 0xc000_0083, 0xc000_0084 -> false;
      case 0xc000_0100, 0xc000_0101, 0xc000_0102 -> false;
      case TSC_AUX -> write || !vcpu.cpuidEffects().hasTscAux();
      case TSC -> write;
      case 0x808, 0x83f -> !vcpu.x2Apic();
      case END_OF_INTERRUPT -> !vcpu.x2Apic() || vcpu.exitsOnEndOfInterrupt();
      default -> true;
    };
  }

  /** What the last successful {@link #read} found. */
  long value() {
    return result[0];
  }

  private int found(long value) {
    result[0] = value;
    return DONE;
  }

  private int foundIf(boolean condition, long value) {
    return condition ? found(value) : INVALID;
  }

  // ---- user space ----

  /** KVM_GET_MSRS: MSRs that user space is told of read as 0 if the guest has them not. */
  boolean readForUser(int msr) {
    int outcome = read(msr, true);
    if (outcome == UNKNOWN && MsrLists.isSaved(msr)) {
      outcome = found(0);
    }
    return outcome == DONE;
  }

  /** KVM_SET_MSRS: feature MSRs are fixed once the vCPU ran. */
  boolean writeForUser(int msr, long value) {
    if (vcpu.entries() != 0 && MsrLists.isImmutable(msr)) {
      return readForUser(msr) && value() == value;
    }
    int outcome = write(msr, value, true);
    return outcome == DONE || outcome == UNKNOWN && value == 0 && MsrLists.isSaved(msr);
  }

  // ---- reading ----

  int read(int msr, boolean byHost) {
    if (isX2Apic(msr)) {
      return vcpu.x2Apic() && readApic(msr) ? DONE : INVALID;
    }
    if (MachineCheckMsrs.contains(msr)) {
      int outcome = machineChecks.read(msr, byHost);
      return outcome == DONE ? found(machineChecks.value()) : outcome;
    }
    if (MemoryTypeMsrs.contains(msr)) {
      return found(memoryTypes.read(msr));
    }
    CpuidEffects cpuid = vcpu.cpuidEffects();
    return switch (msr) {
      case APIC_BASE -> found(vcpu.apicBase());
      case TSC -> found(vcpu.guestTsc());
      case TSC_ADJUST -> found(tscAdjust);
      case TSC_DEADLINE -> found(vcpu.lapic().timer().tscDeadline());
      case TSC_AUX -> foundIf(byHost || cpuid.hasTscAux(), vcpu.processor().state().msr(msr));
      case PLATFORM_INFO -> foundIf(byHost || vcpu.vm().options.readsPlatformInfo, kept(msr));
      case SPEC_CTRL -> foundIf(byHost || cpuid.hasSpeculationControl(), kept(msr));
      case ARCH_CAPABILITIES -> cpuid.hasArchCapabilities() ? found(kept(msr)) : UNKNOWN;
      case PERF_CAPABILITIES -> UNKNOWN;
      case FEATURE_CONTROL, MISC_ENABLE, MISC_FEATURES, POWER_CTL, HWCR, MICROCODE, SMI_COUNT ->
          found(kept(msr));
      case DEBUGCTL -> found(0);
      case WALL_CLOCK -> clock(OLD_CLOCK, vcpu.clock().wallClock());
      case WALL_CLOCK_NEW -> clock(NEW_CLOCK, vcpu.clock().wallClock());
      case SYSTEM_TIME -> clock(OLD_CLOCK, vcpu.clock().systemTime());
      case SYSTEM_TIME_NEW -> clock(NEW_CLOCK, vcpu.clock().systemTime());
      default -> readOther(msr, byHost);
    };
  }

  private int clock(int feature, long value) {
    return vcpu.cpuidEffects().hasParavirtual(feature) ? found(value) : UNKNOWN;
  }

  private int readOther(int msr, boolean byHost) {
    long constant = LegacyMsrs.read(msr);
    if (constant != LegacyMsrs.NONE) {
      return found(constant);
    }
    boolean processors = byHost && !intercepted(msr, false);
    return processors ? found(vcpu.processor().state().msr(msr)) : UNKNOWN;
  }

  private static boolean isX2Apic(int msr) {
    return msr >= ApicRegister.X2APIC_BASE && msr < ApicRegister.X2APIC_BASE + 0x100;
  }

  private boolean readApic(int msr) {
    int register = msr - ApicRegister.X2APIC_BASE;
    if (!vcpu.lapic().readMsr(msr, result)) {
      return false;
    }
    if (register != ApicRegister.ICR) {
      result[0] = vcpu.apicRegister(register) & 0xffff_ffffL;
    }
    return true;
  }

  // ---- writing ----

  int write(int msr, long value, boolean byHost) {
    if (isX2Apic(msr)) {
      return vcpu.x2Apic() && writeApic(msr, value) ? DONE : INVALID;
    }
    if (MachineCheckMsrs.contains(msr)) {
      return machineChecks.write(msr, value, byHost);
    }
    if (MemoryTypeMsrs.contains(msr)) {
      return memoryTypes.write(msr, value, vcpu.cpuid().physicalBits());
    }
    CpuidEffects cpuid = vcpu.cpuidEffects();
    return switch (msr) {
      case APIC_BASE -> writeApicBase(value, byHost);
      case TSC -> writeTsc(value, byHost);
      case TSC_ADJUST -> writeTscAdjust(value, byHost);
      case TSC_DEADLINE -> {
        vcpu.lapic().timer().tscDeadline(value);
        yield DONE;
      }
      case TSC_AUX -> {
        boolean valid = byHost || cpuid.hasTscAux();
        boolean reserved = value >>> 32 != 0 && !cpuid.isAmdCompatible();
        yield valid && !reserved ? writeProcessor(msr, value & 0xffff_ffffL) : INVALID;
      }
      case SPEC_CTRL -> {
        boolean has = byHost || cpuid.hasSpeculationControl();
        yield keep(msr, value, has && (value & ~SPEC_CTRL_BITS) == 0);
      }
      case PRED_CMD -> command(value, byHost || cpuid.hasPredictionBarrier());
      case FLUSH_CMD -> command(value, byHost || cpuid.hasCacheFlush());
      case PLATFORM_INFO, SMI_COUNT -> keep(msr, value, byHost);
      case MICROCODE -> byHost ? keep(msr, value, true) : DONE;
      case ARCH_CAPABILITIES ->
          byHost && cpuid.hasArchCapabilities() ? keep(msr, value, true) : UNKNOWN;
      case PERF_CAPABILITIES -> UNKNOWN;
      case FEATURE_CONTROL -> {
        boolean open = byHost || (kept(msr) & LOCKED) == 0;
        yield keep(msr, value, open && (value & ~(byHost ? FEATURE_CONTROL_BITS : LOCKED)) == 0);
      }
      case MISC_ENABLE -> writeMiscEnable(value, byHost);
      case MISC_FEATURES -> {
        boolean supported = (kept(PLATFORM_INFO) & CPUID_FAULT_SUPPORTED) != 0;
        yield keep(msr, value, (value & ~(supported ? CPUID_FAULT : 0)) == 0);
      }
      case POWER_CTL -> keep(msr, value, true);
      case DEBUGCTL -> (value & ~DEBUGCTL_IGNORED) == 0 ? DONE : INVALID;
      case HWCR -> {
        long wanted = value & ~HWCR_DROPPED;
        yield keep(msr, wanted, (wanted & ~HWCR_KEPT) == 0);
      }
      case WALL_CLOCK -> setWallClock(OLD_CLOCK, value);
      case WALL_CLOCK_NEW -> setWallClock(NEW_CLOCK, value);
      case SYSTEM_TIME -> setSystemTime(OLD_CLOCK, value);
      case SYSTEM_TIME_NEW -> setSystemTime(NEW_CLOCK, value);
      default -> writeOther(msr, value, byHost);
    };
  }

  private int writeApicBase(long value, boolean byHost) {
    if (!vcpu.validApicBase(value) || !byHost && !vcpu.validApicTransition(value)) {
      return INVALID;
    }
    vcpu.setApicBase(value);
    return DONE;
  }

  private boolean writeApic(int msr, long value) {
    if (msr != END_OF_INTERRUPT) {
      return vcpu.lapic().writeMsr(msr, value);
    }
    if (value == 0) {
      vcpu.endOfInterrupt();
    }
    return value == 0;
  }

  private int writeTsc(long value, boolean byHost) {
    if (byHost) {
      vcpu.setTsc(value, true);
      return DONE;
    }
    long change = value - vcpu.guestTsc();
    vcpu.processor().controls().tscOffset += change;
    tscAdjust += change;
    vcpu.clockChanged();
    return DONE;
  }

  /** Without the feature in CPUID it does nothing. */
  private int writeTscAdjust(long value, boolean byHost) {
    if (vcpu.cpuidEffects().hasTscAdjust()) {
      vcpu.processor().controls().tscOffset += byHost ? 0 : value - tscAdjust;
      tscAdjust = value;
      vcpu.clockChanged();
    }
    return DONE;
  }

  /** A command of bit 0, which has no effect that a guest could see. */
  private static int command(long value, boolean has) {
    return has && (value & ~1L) == 0 ? DONE : INVALID;
  }

  private int writeMiscEnable(long value, boolean byHost) {
    long old = kept(MISC_ENABLE);
    if (byHost) {
      return keep(MISC_ENABLE, value, true);
    }
    long wanted = value & ~MISC_ENABLE_MONITORING | old & MISC_ENABLE_MONITORING;
    return keep(MISC_ENABLE, wanted, ((old ^ value) & MISC_ENABLE_RESET) == 0);
  }

  private int setWallClock(int feature, long value) {
    if (!vcpu.cpuidEffects().hasParavirtual(feature)) {
      return UNKNOWN;
    }
    vcpu.clock().wallClock(value);
    return DONE;
  }

  private int setSystemTime(int feature, long value) {
    if (!vcpu.cpuidEffects().hasParavirtual(feature)) {
      return UNKNOWN;
    }
    vcpu.clock().systemTime(value);
    return DONE;
  }

  private int writeOther(int msr, long value, boolean byHost) {
    if (!byHost || intercepted(msr, true)) {
      return LegacyMsrs.write(msr, value);
    }
    return switch (msr) {
      case EFER -> {
        long active = vcpu.processor().state().msr(EFER) & EFER_LMA;
        boolean valid = (value & ~EFER_BITS) == 0;
        yield valid ? writeProcessor(msr, value & ~EFER_LMA | active) : INVALID;
      }
      case PAT -> isPat(value) ? writeProcessor(msr, value) : INVALID;
      case 0x175, 0x176 -> writeProcessor(msr, value << 7 >> 7);
      case 0xc000_0100, 0xc000_0101, 0xc000_0102, 0xc000_0082, 0xc000_0083 ->
          value << 7 >> 7 == value ? writeProcessor(msr, value) : INVALID;
      default -> writeProcessor(msr, value);
    };
  }

  /** Each byte is a memory type: not 2, 3 or above 7. */
  private static boolean isPat(long value) {
    for (int i = 0; i < Long.SIZE; i += Byte.SIZE) {
      int type = (int) (value >>> i) & 0xff;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }

  private int writeProcessor(int msr, long value) {
    CpuState state = vcpu.processor().state();
    return state.setMsr(msr, value) ? DONE : INVALID;
  }
}
