package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENODEV;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;

import org.swtdx.cpu.Environment;
import org.swtdx.kvm.uapi.KvmClearDirtyLog;
import org.swtdx.kvm.uapi.KvmClockData;
import org.swtdx.kvm.uapi.KvmCoalescedMmioZone;
import org.swtdx.kvm.uapi.KvmCreateDevice;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmDirtyLog;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmEncRegion;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmIoeventfd;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmMsrFilter;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;

/** The ioctls of a VM's file. An unknown one gives -ENOTTY. */
final class VmIoctls {
  private static final long TSS_LIMIT = 0xffff_ffffL - 3 * 4096 + 1;
  private static final int MIN_MMU_PAGES = 64;
  private static final int CLOCK_TSC_STABLE = 2;
  private static final int CLOCK_REALTIME = 4;
  private static final int CLOCK_HOST_TSC = 8;
  private static final int CLOCK_FLAGS = CLOCK_TSC_STABLE | CLOCK_REALTIME | CLOCK_HOST_TSC;

  private final Vm vm;
  private final VmCapabilities capabilities;
  private final DirtyIoctls dirty;
  private final IrqchipIoctls interrupts;

  VmIoctls(Vm vm) {
    this.vm = vm;
    capabilities = new VmCapabilities(vm);
    dirty = new DirtyIoctls(vm);
    interrupts = new IrqchipIoctls(vm);
  }

  int call(int number, Argument arg) {
    return switch (number) {
      case KvmIoctl.CHECK_EXTENSION -> Capabilities.check(vm.host(), vm, arg.value());
      case KvmIoctl.ENABLE_CAP -> arg.in(new KvmEnableCap(), capabilities::enable);
      case KvmIoctl.CREATE_VCPU -> vm.createVcpu(arg.value());
      case KvmIoctl.SET_BOOT_CPU_ID -> vm.bootCpuId(arg.value());
      case KvmIoctl.CREATE_DEVICE -> arg.inOut(new KvmCreateDevice(), _ -> -ENODEV);
      case KvmIoctl.SET_TSS_ADDR -> Long.compareUnsigned(arg.value(), TSS_LIMIT) > 0 ? -EINVAL : 0;
      case KvmIoctl.SET_IDENTITY_MAP_ADDR -> vm.createdVcpus() > 0 ? -EINVAL : arg.loadU64(_ -> 0);
      case KvmIoctl.SET_NR_MMU_PAGES ->
          Long.compareUnsigned(arg.value(), MIN_MMU_PAGES) < 0 ? -EINVAL : 0;
      case KvmIoctl.GET_CLOCK -> arg.out(new KvmClockData(), this::getClock);
      case KvmIoctl.SET_CLOCK -> arg.in(new KvmClockData(), this::setClock);
      case KvmIoctl.GET_TSC_KHZ -> vm.options.tscKhz;
      case KvmIoctl.SET_TSC_KHZ -> setTscKhz((int) arg.value());
      default -> memory(number, arg);
    };
  }

  private int memory(int number, Argument arg) {
    return switch (number) {
      case KvmIoctl.SET_USER_MEMORY_REGION -> arg.in(new KvmUserspaceMemoryRegion(), this::region);
      case KvmIoctl.SET_USER_MEMORY_REGION2 ->
          arg.in(new KvmUserspaceMemoryRegion2(), this::region2);
      case KvmIoctl.CREATE_GUEST_MEMFD ->
          arg.in(
              new KvmCreateGuestMemfd(),
              r -> vm.createGuestMemfd(r.size(), r.flags(), Capabilities.GUEST_MEMFD_FLAGS));
      case KvmIoctl.SET_MEMORY_ATTRIBUTES ->
          arg.in(
              new KvmMemoryAttributes(),
              r -> vm.slotTable.setAttributes(r.address(), r.size(), r.attributes(), r.flags()));
      case KvmIoctl.GET_DIRTY_LOG -> arg.in(new KvmDirtyLog(), r -> dirty.get(r, arg));
      case KvmIoctl.CLEAR_DIRTY_LOG -> arg.in(new KvmClearDirtyLog(), r -> dirty.clear(r, arg));
      case KvmIoctl.RESET_DIRTY_RINGS -> dirty.resetRings();
      case KvmIoctl.REGISTER_COALESCED_MMIO -> arg.in(new KvmCoalescedMmioZone(), vm.bus::register);
      case KvmIoctl.UNREGISTER_COALESCED_MMIO ->
          arg.in(new KvmCoalescedMmioZone(), vm.bus::unregister);
      case KvmIoctl.IOEVENTFD -> arg.in(new KvmIoeventfd(), vm.bus::ioeventfd);
      case KvmIoctl.X86_SET_MSR_FILTER ->
          arg.in(new KvmMsrFilter(), f -> MsrFilter.set(vm.options, f, arg));
      case KvmIoctl.GET_STATS_FD -> vm.installStats(vm.stats, "kvm-" + vm.number());
      case KvmIoctl.MEMORY_ENCRYPT_OP -> encryptOp(arg);
      case KvmIoctl.MEMORY_ENCRYPT_REG_REGION, KvmIoctl.MEMORY_ENCRYPT_UNREG_REGION ->
          arg.in(new KvmEncRegion(), _ -> -ENOTTY);
      default -> interrupts.call(number, arg);
    };
  }

  // ---- memory ----

  private int region(KvmUserspaceMemoryRegion region) {
    if ((region.flags() & KvmUserspaceMemoryRegion2.GUEST_MEMFD) != 0) {
      return -EINVAL;
    }
    return vm.slotTable.setRegion(
        region.slot(),
        region.flags(),
        region.guestPhysAddr(),
        region.memorySize(),
        region.userspaceAddr(),
        0,
        -1);
  }

  private int region2(KvmUserspaceMemoryRegion2 region) {
    return vm.slotTable.setRegion(
        region.slot(),
        region.flags(),
        region.guestPhysAddr(),
        region.memorySize(),
        region.userspaceAddr(),
        region.guestMemfdOffset(),
        region.guestMemfd());
  }

  private int encryptOp(Argument arg) {
    return switch (vm) {
      case VmxVm _ -> -ENOTTY;
      case TdxVm td -> {
        KvmTdxCmd cmd = new KvmTdxCmd();
        yield arg.load(cmd) ? new TdxVmCommands(td).command(cmd, arg) : -EFAULT;
      }
    };
  }

  // ---- time ----

  private int setTscKhz(int khz) {
    vm.lock.lock();
    try {
      if (khz < 0 || vm.createdVcpus() > 0) {
        return -EINVAL;
      }
      vm.options.tscKhz = khz == 0 ? vm.host().tscKhz() : khz;
      return 0;
    } finally {
      vm.lock.unlock();
    }
  }

  private int getClock(KvmClockData clock) {
    Environment environment = vm.platform().environment();
    long tsc = environment.tsc();
    clock.clock(vm.clock.at(tsc));
    clock.realtime(environment.wallClockMillis() * 1_000_000);
    clock.hostTsc(tsc).flags(CLOCK_FLAGS);
    return 0;
  }

  private int setClock(KvmClockData clock) {
    if ((clock.flags() & ~CLOCK_FLAGS) != 0) {
      return -EINVAL;
    }
    Environment environment = vm.platform().environment();
    long target = clock.clock();
    if ((clock.flags() & CLOCK_REALTIME) != 0) {
      long passed = environment.wallClockMillis() * 1_000_000 - clock.realtime();
      target += Math.max(passed, 0);
    }
    vm.clock.set(target);
    for (Vcpu vcpu : vm.vcpus()) {
      vcpu.clockChanged();
    }
    return 0;
  }
}
