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

  VmCapabilities(Vm vm) {
    this.vm = vm;
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
      case KvmCap.X2APIC_API -> (arg & ~3L) != 0 ? -EINVAL : 0;
      case KvmCap.MAX_VCPU_ID -> vm.limitVcpuIds(arg);
      default -> -EINVAL;
    };
  }

  private int exitHypercall(long mask) {
    if ((mask & ~(1L << KvmExit.HC_MAP_GPA_RANGE)) != 0) {
      return -EINVAL;
    }
    vm.exitHypercalls(mask);
    return 0;
  }

  private int busCycle(long nanos) {
    if (nanos == 0 || Long.compareUnsigned(nanos, LONGEST_BUS_CYCLE) > 0) {
      return -EINVAL;
    }
    vm.lock.lock();
    try {
      if (!vm.splitIrqchip()) {
        return -ENXIO;
      }
      if (vm.createdVcpus() > 0) {
        return -EINVAL;
      }
      vm.busCycleNanos((int) Math.min(nanos, Integer.MAX_VALUE));
      return 0;
    } finally {
      vm.lock.unlock();
    }
  }
}
