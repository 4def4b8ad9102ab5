package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENXIO;

import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;

/** KVM_ENABLE_CAP on a VM. */
final class VmCapabilities {
  private static final long LONGEST_BUS_CYCLE =
      Long.divideUnsigned(-1, 0xffff_ffffL * 128); // what a timer's count must not overflow

  private final Vm vm;
  private final VmOptions options;

  VmCapabilities(Vm vm) {
    this.vm = vm;
    options = vm.options;
  }

  int enable(KvmEnableCap cap) {
    if (cap.flags() != 0) {
      return -EINVAL;
    }
    long arg = cap.args(0);
    return switch (cap.cap()) {
      case KvmCap.SPLIT_IRQCHIP -> vm.enableSplitIrqchip(arg);
      case KvmCap.EXIT_HYPERCALL -> exitHypercall(arg);
      case KvmCap.X86_APIC_BUS_CYCLES_NS -> busCycle(arg);
      case KvmCap.X2APIC_API -> x2Apic(arg);
      case KvmCap.X86_USER_SPACE_MSR -> userSpaceMsr(arg);
      case KvmCap.EXCEPTION_PAYLOAD -> set(() -> options.exceptionPayload = arg != 0);
      case KvmCap.X86_TRIPLE_FAULT_EVENT -> set(() -> options.tripleFaultEvent = arg != 0);
      case KvmCap.MSR_PLATFORM_INFO -> set(() -> options.readsPlatformInfo = arg != 0);
      case KvmCap.MANUAL_DIRTY_LOG_PROTECT2 -> manualProtect((int) arg);
      case KvmCap.DIRTY_LOG_RING, KvmCap.DIRTY_LOG_RING_ACQ_REL ->
          new DirtyIoctls(vm).enableRing(arg);
      case KvmCap.HALT_POLL -> arg >>> 32 != 0 ? -EINVAL : 0;
      case KvmCap.DISABLE_QUIRKS -> disableQuirks(arg & Capabilities.QUIRKS);
      case KvmCap.DISABLE_QUIRKS2 -> disableQuirks(arg);
      case KvmCap.MAX_VCPU_ID -> vm.limitVcpuIds(arg);
      default -> -EINVAL;
    };
  }

  private int disableQuirks(long quirks) {
    if ((quirks & ~(long) Capabilities.QUIRKS) != 0) {
      return -EINVAL;
    }
    options.disabledQuirks |= quirks;
    return 0;
  }

  private int exitHypercall(long mask) {
    if ((mask & ~(1L << KvmExit.HC_MAP_GPA_RANGE)) != 0) {
      return -EINVAL;
    }
    vm.options.exitHypercalls = mask;
    return 0;
  }

  private static int set(Runnable option) {
    option.run();
    return 0;
  }

  private int x2Apic(long flags) {
    boolean suppress = (flags & VmOptions.SUPPRESS_EOI_BROADCAST) != 0;
    boolean always = (flags & VmOptions.DISABLE_SUPPRESS_EOI_BROADCAST) != 0;
    if ((flags & ~(long) VmOptions.X2APIC_FLAGS) != 0
        || suppress && (always || !vm.splitIrqchip())) {
      return -EINVAL;
    }
    int replaced = suppress || always ? VmOptions.EOI_BROADCAST_FLAGS : 0;
    options.x2ApicFlags = options.x2ApicFlags & ~replaced | (int) flags;
    return 0;
  }

  private int userSpaceMsr(long reasons) {
    if ((reasons & ~(long) VmOptions.MSR_REASONS) != 0) {
      return -EINVAL;
    }
    options.msrExits = (int) reasons;
    return 0;
  }

  private int manualProtect(int flags) {
    boolean enable = (flags & VmOptions.MANUAL_PROTECT) != 0;
    if ((flags & ~(enable ? DirtyLog.MANUAL_CAPS : VmOptions.MANUAL_PROTECT)) != 0) {
      return -EINVAL;
    }
    options.dirtyLog = flags;
    return 0;
  }

  private int busCycle(long nanos) {
    if (nanos == 0 || Long.compareUnsigned(nanos, LONGEST_BUS_CYCLE) > 0) {
      return -EINVAL;
    }
    vm.lock.lock();
    try {
      if (!vm.hasIrqchip()) {
        return -ENXIO;
      }
      if (vm.createdVcpus() > 0) {
        return -EINVAL;
      }
      vm.options.busCycleNanos = (int) Math.min(nanos, Integer.MAX_VALUE);
      return 0;
    } finally {
      vm.lock.unlock();
    }
  }
}
