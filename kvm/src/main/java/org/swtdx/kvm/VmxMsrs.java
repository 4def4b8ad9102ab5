package org.swtdx.kvm;

import java.util.HashMap;
import java.util.Map;
import org.swtdx.cpu.CpuState;

/** The MSRs of an ordinary vCPU: the processor's, the local APIC's, and those that KVM stores. */
final class VmxMsrs {
  private static final int TSC = 0x10;
  private static final int TSC_ADJUST = 0x3b;
  private static final int SPEC_CTRL = 0x48;
  private static final int PRED_CMD = 0x49;
  private static final int FLUSH_CMD = 0x10b;

  /** IBRS, STIBP, SSBD, IPRED, RRSBA, PSFD and BHI controls. */
  private static final long SPEC_CTRL_BITS = 0x4ff;

  private static final int APIC_BASE = 0x1b;
  private static final int FEATURE_CONTROL = 0x3a;
  private static final int PLATFORM_INFO = 0xce;
  private static final int MTRR_CAP = 0xfe;
  private static final int MISC_ENABLE = 0x1a0;

  /** No branch trace store, no precise event sampling: the guest cannot change that. */
  private static final long MISC_ENABLE_RESET = 1 << 11 | 1 << 12;

  private static final int TSC_DEADLINE = 0x6e0;
  private static final int WALL_CLOCK = 0x11;
  private static final int SYSTEM_TIME = 0x12;
  private static final int WALL_CLOCK_NEW = 0x4b56_4d00;
  private static final int SYSTEM_TIME_NEW = 0x4b56_4d01;
  private static final int HWCR = 0xc001_0015;

  /** Of HWCR, what is kept: McStatusWrEn and TscFreqSel; and what is dropped without a fault. */
  private static final long HWCR_KEPT = 1L << 24 | 1L << 18;

  private static final long HWCR_DROPPED = 0x148;
  private static final int END_OF_INTERRUPT = 0x80b;
  private static final long MTRR_CAP_VALUE = 0x508;

  private final VmxVcpu vcpu;
  private final Map<Integer, Long> stored = new HashMap<>();
  private final long[] result = new long[1];
  private long tscAdjust;

  VmxMsrs(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    boolean stuffed = vcpu.vm().options.hasQuirk(VmOptions.STUFF_FEATURE_MSRS);
    for (int feature : MsrLists.FEATURES) {
      stored.put(feature, stuffed ? MsrLists.featureValue(feature) : 0);
    }
    stored.put(MISC_ENABLE, MISC_ENABLE_RESET);
    stored.put(0x179, 1L << 24 | 1 << 8 | 32);
    stored.put(0x17a, 0L);
    stored.put(0x17b, 0L);
    stored.put(0x140, 0L);
    stored.put(0x1fc, 0L);
    stored.put(0x2ff, 0L);
    stored.put(SPEC_CTRL, 0L);
    stored.put(HWCR, 0L);
    stored.put(0x250, 0L);
    stored.put(0x258, 0L);
    stored.put(0x259, 0L);
    for (int i = 0; i < 16; i++) {
      stored.put(0x200 + i, 0L);
      stored.put(0x268 + (i & 7), 0L);
    }
    for (int i = 0; i < 128; i++) {
      stored.put(0x400 + i, 0L);
      stored.put(0x280 + (i & 31), 0L);
    }
  }

  /** Whether a guest's access leaves the guest; else the processor answers it. */
  boolean exits(int msr, boolean write) {
    return !vcpu.vm().options.allowsMsr(msr, write) || intercepted(msr, write);
  }

  private boolean intercepted(int msr, boolean write) {
    return switch (msr) {
      case 0x174, 0x175, 0x176, 0x277, 0xda0 -> false;
      case 0xc000_0080, 0xc000_0081, 0xc000_0082, 0xc000_0083, 0xc000_0084 -> false;
      case 0xc000_0100, 0xc000_0101, 0xc000_0102, 0xc000_0103 -> false;
      case TSC -> write;
      case 0x808, 0x83f -> !vcpu.x2Apic();
      case 0x80b -> !vcpu.x2Apic() || vcpu.exitsOnEndOfInterrupt();
      default -> true;
    };
  }

  long value() {
    return result[0];
  }

  boolean read(int msr, boolean byHost) {
    if (isX2Apic(msr)) {
      return vcpu.x2Apic() && readApic(msr);
    }
    switch (msr) {
      case APIC_BASE -> result[0] = vcpu.apicBase();
      case PLATFORM_INFO -> {
        if (!byHost && !vcpu.vm().options.readsPlatformInfo) {
          return false;
        }
        result[0] = stored.getOrDefault(msr, 0L);
      }
      case FEATURE_CONTROL -> result[0] = 1;
      case MTRR_CAP -> result[0] = MTRR_CAP_VALUE;
      case TSC -> result[0] = vcpu.guestTsc();
      case TSC_ADJUST -> result[0] = tscAdjust;
      case TSC_DEADLINE -> result[0] = vcpu.lapic().timer().tscDeadline();
      // Platform id, power-on configuration, SMI count, update trigger, debug control and branches.
      case 0x17, 0x2a, 0x34, 0x79, 0x1d9, 0x1db, 0x1dc, 0x1dd, 0x1de -> result[0] = 0;
      // Performance counters of other families: KVM lets software that knows them be.
      case 0xc1, 0xc2, 0x186, 0x187 -> result[0] = 0;
      case WALL_CLOCK, WALL_CLOCK_NEW -> result[0] = vcpu.clock().wallClock();
      case SYSTEM_TIME, SYSTEM_TIME_NEW -> result[0] = vcpu.clock().systemTime();
      case 0xc001_0000, 0xc001_0001, 0xc001_0002, 0xc001_0003 -> result[0] = 0;
      case 0xc001_0004, 0xc001_0005, 0xc001_0006, 0xc001_0007 -> result[0] = 0;
      default -> {
        Long value = stored.get(msr);
        if (value == null) {
          return byHost && readProcessor(msr);
        }
        result[0] = value;
      }
    }
    return true;
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

  private boolean readProcessor(int msr) {
    if (intercepted(msr, false)) {
      return false;
    }
    CpuState state = vcpu.processor().state();
    result[0] = state.msr(msr);
    return true;
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

  boolean write(int msr, long value, boolean byHost) {
    if (isX2Apic(msr)) {
      return vcpu.x2Apic() && writeApic(msr, value);
    }
    switch (msr) {
      case APIC_BASE -> {
        if (!vcpu.validApicBase(value) || !byHost && !vcpu.validApicTransition(value)) {
          return false;
        }
        vcpu.setApicBase(value);
      }
      case FEATURE_CONTROL, MTRR_CAP -> {
        return byHost;
      }
      case TSC -> {
        if (byHost) {
          vcpu.setTsc(value, true);
          return true;
        }
        long change = value - vcpu.guestTsc();
        vcpu.processor().controls().tscOffset += change;
        tscAdjust += change;
        vcpu.clockChanged();
      }
      case TSC_ADJUST -> {
        vcpu.processor().controls().tscOffset += byHost ? 0 : value - tscAdjust;
        tscAdjust = value;
        vcpu.clockChanged();
      }
      case SPEC_CTRL -> {
        if ((value & ~SPEC_CTRL_BITS) != 0) {
          return false;
        }
        stored.put(msr, value);
      }
      case PRED_CMD, FLUSH_CMD -> {
        return (value & ~1L) == 0;
      }
      case TSC_DEADLINE -> vcpu.lapic().timer().tscDeadline(value);
      case 0x2a, 0x79, 0xc1, 0xc2, 0x186, 0x187 -> {
        // Ignored, as a processor without these features' effects does.
      }
      case 0xc001_0000, 0xc001_0001, 0xc001_0002, 0xc001_0003 -> {
        // Event selectors and counters of another family.
      }
      case 0xc001_0004, 0xc001_0005, 0xc001_0006, 0xc001_0007 -> {
        // The same.
      }
      case WALL_CLOCK, WALL_CLOCK_NEW -> vcpu.clock().wallClock(value);
      case SYSTEM_TIME, SYSTEM_TIME_NEW -> vcpu.clock().systemTime(value);
      case MISC_ENABLE -> {
        long old = stored.getOrDefault(msr, 0L);
        if (!byHost && ((old ^ value) & MISC_ENABLE_RESET) != 0) {
          return false;
        }
        stored.put(msr, value);
      }
      case HWCR -> {
        long kept = value & ~HWCR_DROPPED;
        if ((kept & ~HWCR_KEPT) != 0) {
          return false;
        }
        stored.put(msr, kept);
      }
      case 0x1d9 -> {
        return value == 0;
      }
      case 0x8b -> {
        if (byHost) {
          stored.put(msr, value);
        }
      }
      default -> {
        if (!stored.containsKey(msr)) {
          return byHost && !intercepted(msr, true) && vcpu.processor().state().setMsr(msr, value);
        }
        stored.put(msr, value);
      }
    }
    return true;
  }
}
