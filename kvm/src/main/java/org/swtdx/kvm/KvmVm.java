package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;
import static org.swtdx.kvm.uapi.Errno.ENXIO;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmClockData;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIrqLevel;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.Struct;

/**
 * A VM descriptor: the VM ioctls. Results are non-negative, or a negative error number of {@link
 * org.swtdx.kvm.uapi.Errno}; every ioctl on a dead VM gives -EIO.
 */
public final class KvmVm {
  private static final int MIN_TSC_KHZ = 1_000;
  private static final int MAX_BUS_CYCLE_NANOS = 1_000_000;

  private final Vm vm;
  private final int fd;
  private long clockOffset;

  KvmVm(Vm vm, int fd) {
    this.vm = vm;
    this.fd = fd;
  }

  Vm vm() {
    return vm;
  }

  /** The descriptor. */
  public int fd() {
    return fd;
  }

  /** KVM_CHECK_EXTENSION on the VM. */
  public int checkExtension(int cap) {
    return vm.dead() ? -EIO : Capabilities.check(vm.host(), vm, cap);
  }

  /** KVM_ENABLE_CAP on the VM. */
  public int enableCap(KvmEnableCap cap) {
    if (vm.dead()) {
      return -EIO;
    }
    if (cap.flags() != 0) {
      return -EINVAL;
    }
    long arg = cap.args(0);
    return switch (cap.cap()) {
      case KvmCap.SPLIT_IRQCHIP -> vm.enableSplitIrqchip(arg);
      case KvmCap.EXIT_HYPERCALL -> {
        if ((arg & ~(1L << KvmExit.HC_MAP_GPA_RANGE)) != 0) {
          yield -EINVAL;
        }
        vm.exitHypercalls(arg);
        yield 0;
      }
      case KvmCap.X86_APIC_BUS_CYCLES_NS -> busCycle(arg);
      case KvmCap.X2APIC_API -> (arg & ~3L) != 0 ? -EINVAL : 0;
      case KvmCap.MAX_VCPU_ID -> arg <= 0 || arg > Vm.MAX_VCPU_IDS ? -EINVAL : 0;
      default -> -EINVAL;
    };
  }

  private int busCycle(long nanos) {
    if (nanos <= 0 || nanos > MAX_BUS_CYCLE_NANOS || vm.createdVcpus() > 0) {
      return -EINVAL;
    }
    vm.busCycleNanos((int) nanos);
    return 0;
  }

  /** KVM_CREATE_VCPU: the descriptor of the new vCPU. */
  public int createVcpu(int id) {
    return vm.dead() ? -EIO : vm.createVcpu(id);
  }

  /** KVM_CREATE_GUEST_MEMFD: the descriptor of the new file. */
  public int createGuestMemfd(KvmCreateGuestMemfd request) {
    return vm.dead()
        ? -EIO
        : vm.createGuestMemfd(request.size(), request.flags(), Capabilities.GUEST_MEMFD_FLAGS);
  }

  /** KVM_SET_USER_MEMORY_REGION. */
  public int setUserMemoryRegion(KvmUserspaceMemoryRegion region) {
    if (vm.dead()) {
      return -EIO;
    }
    if ((region.flags() & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0) {
      return -EINVAL;
    }
    return vm.setMemoryRegion(
        region.slot(),
        region.flags(),
        region.guestPhysAddr(),
        region.memorySize(),
        region.userspaceAddr(),
        0,
        -1);
  }

  /** KVM_SET_USER_MEMORY_REGION2. */
  public int setUserMemoryRegion2(KvmUserspaceMemoryRegion2 region) {
    return vm.dead()
        ? -EIO
        : vm.setMemoryRegion(
            region.slot(),
            region.flags(),
            region.guestPhysAddr(),
            region.memorySize(),
            region.userspaceAddr(),
            region.guestMemfdOffset(),
            region.guestMemfd());
  }

  /** KVM_SET_MEMORY_ATTRIBUTES. */
  public int setMemoryAttributes(KvmMemoryAttributes request) {
    return vm.dead()
        ? -EIO
        : vm.setAttributes(
            request.address(), request.size(), request.attributes(), request.flags());
  }

  /**
   * KVM_MEMORY_ENCRYPT_OP with a TDX command; -ENOTTY on a VM that is no TD. {@code data} is the
   * structure that {@code cmd.data} points to where the sub-command has one: {@link
   * org.swtdx.kvm.uapi.KvmTdxCapabilities}, {@link org.swtdx.kvm.uapi.KvmTdxInitVm}.
   */
  public int memoryEncryptOp(KvmTdxCmd cmd, @Nullable Struct data) {
    if (vm.dead()) {
      return -EIO;
    }
    return switch (vm) {
      case TdxVm td -> td.command(cmd, data);
      case VmxVm _ -> -ENOTTY;
    };
  }

  /** KVM_CREATE_IRQCHIP: -ENOTTY, interrupt controllers besides local APICs are user space's. */
  public int createIrqchip() {
    return vm.dead() ? -EIO : -ENOTTY;
  }

  /** KVM_SIGNAL_MSI: 1 delivered, 0 blocked by the guest. */
  public int signalMsi(KvmMsi msi) {
    if (vm.dead()) {
      return -EIO;
    }
    return vm.splitIrqchip() ? vm.routes.signal(msi) : -EINVAL;
  }

  /** KVM_SET_GSI_ROUTING. */
  public int setGsiRouting(KvmIrqRouting routing) {
    if (vm.dead()) {
      return -EIO;
    }
    if (routing.nr() > routing.capacity()) {
      return -EFAULT;
    }
    return vm.splitIrqchip() ? vm.routes.set(routing) : -EINVAL;
  }

  /** KVM_IRQ_LINE: raises a GSI through its MSI route. */
  public int irqLine(KvmIrqLevel level) {
    if (vm.dead()) {
      return -EIO;
    }
    if (!vm.splitIrqchip()) {
      return -ENXIO;
    }
    return level.level() != 0 ? vm.routes.raise(level.irq()) : 0;
  }

  /** KVM_SET_TSC_KHZ: TSC frequency of vCPUs created later; 0 is the host's. */
  public int setTscKhz(int khz) {
    if (vm.dead()) {
      return -EIO;
    }
    if (khz < 0 || khz != 0 && khz < MIN_TSC_KHZ || vm.createdVcpus() > 0) {
      return -EINVAL;
    }
    vm.tscKhz(khz == 0 ? vm.host().tscKhz() : khz);
    return 0;
  }

  /** KVM_GET_TSC_KHZ. */
  public int getTscKhz() {
    return vm.dead() ? -EIO : vm.tscKhz();
  }

  /** KVM_SET_TSS_ADDR: accepted, needed by no processor here. */
  public int setTssAddr(long address) {
    if (vm.dead()) {
      return -EIO;
    }
    return address >>> 32 != 0 || address > 0xffff_ffffL - 3 * 4096 ? -EINVAL : 0;
  }

  /** KVM_SET_IDENTITY_MAP_ADDR: accepted before the first vCPU, needed by no processor here. */
  public int setIdentityMapAddr(long address) {
    if (vm.dead()) {
      return -EIO;
    }
    return vm.createdVcpus() > 0 || address < 0 ? -EINVAL : 0;
  }

  /** KVM_GET_CLOCK. */
  public int getClock(KvmClockData clock) {
    if (vm.dead()) {
      return -EIO;
    }
    clock.clock(vm.platform().environment().nanoTime() + clockOffset);
    clock.realtime(vm.platform().environment().wallClockMillis() * 1_000_000);
    clock.hostTsc(vm.platform().environment().tsc()).flags(6);
    return 0;
  }

  /** KVM_SET_CLOCK. */
  public int setClock(KvmClockData clock) {
    if (vm.dead()) {
      return -EIO;
    }
    if ((clock.flags() & ~4) != 0) {
      return -EINVAL;
    }
    clockOffset = clock.clock() - vm.platform().environment().nanoTime();
    return 0;
  }
}
