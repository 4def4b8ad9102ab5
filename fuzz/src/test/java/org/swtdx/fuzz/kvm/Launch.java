package org.swtdx.fuzz.kvm;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.fuzz.Choices;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.UserMemory;
import org.swtdx.kvm.VmmProcess;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmPitConfig;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitMemRegion;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;

/** Brings VMs to where scenarios begin: nothing at all, or halfway, or running. */
final class Launch {
  /** Bytes of guest memory, at guest physical 0 and at the given user address. */
  static final long RAM = 4 << 20;

  private static final long TOP = 0xffff_f000L;
  private static final int PAGE = 4096;

  private final VmmProcess process;
  private final UserMemory memory;
  private final Choices choices;
  private final long ram;
  private final List<Integer> files = new ArrayList<>();

  Launch(VmmProcess process, long ram, Choices choices) {
    this.process = process;
    this.memory = process.memory();
    this.ram = ram;
    this.choices = choices;
    switch (choices.below(9)) {
      case 0 -> files.add(process.openKvm().createVm(choices.below(6)));
      case 1 -> ordinary(KvmVmType.DEFAULT, 0);
      case 2 -> ordinary(KvmVmType.DEFAULT, 1);
      case 3 -> ordinary(KvmVmType.DEFAULT, 2);
      case 4 -> ordinary(KvmVmType.SW_PROTECTED, choices.below(3));
      case 5 -> trustDomain(false);
      case 6, 7 -> trustDomain(true);
      default -> {
        ordinary(KvmVmType.DEFAULT, choices.below(3));
        trustDomain(true);
      }
    }
  }

  /** The descriptors that were opened. */
  List<Integer> files() {
    return files;
  }

  private int keep(int fd) {
    if (fd <= 0) {
      throw new IllegalStateException("a launch step returned " + fd);
    }
    files.add(fd);
    return fd;
  }

  private static void ok(int result) {
    if (result != 0) {
      throw new IllegalStateException("a launch step returned " + result);
    }
  }

  private KvmVm vm(int type) {
    return process.vm(keep(process.openKvm().createVm(type))).orElseThrow();
  }

  private void ordinary(int type, int irqchip) {
    KvmVm vm = vm(type);
    switch (irqchip) {
      case 0 -> {}
      case 1 -> {
        ok(vm.createIrqchip());
        ok(vm.createPit2(new KvmPitConfig()));
      }
      default -> ok(vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24)));
    }
    for (int id = choices.below(2); id >= 0; id--) {
      keep(vm.createVcpu(id));
    }
    long rom = memory.mmap(PAGE);
    memory.write(rom, GuestCode.realMode(choices), 0, PAGE);
    boolean privately = type == KvmVmType.SW_PROTECTED;
    ok(slot(vm, 0, 0, RAM, ram, privately));
    ok(slot(vm, 1, TOP, PAGE, rom, false));
  }

  private int slot(KvmVm vm, int id, long gpa, long size, long uaddr, boolean withFile) {
    KvmUserspaceMemoryRegion2 region =
        new KvmUserspaceMemoryRegion2()
            .slot(id)
            .guestPhysAddr(gpa)
            .memorySize(size)
            .userspaceAddr(uaddr);
    if (withFile) {
      int file = keep(vm.createGuestMemfd(new KvmCreateGuestMemfd().size(size)));
      region.flags(KvmUserspaceMemoryRegion2.GUEST_MEMFD).guestMemfd(file);
    }
    return vm.setUserMemoryRegion2(region);
  }

  private void trustDomain(boolean runnable) {
    KvmVm vm = vm(KvmVmType.TDX);
    ok(vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24)));
    ok(vm.enableCap(KvmEnableCap.of(KvmCap.EXIT_HYPERCALL, 1 << 12)));
    KvmTdxInitVm init = KvmTdxInitVm.withCapacity(1).attributes(choices.coin() ? 1 << 28 : 0);
    init.cpuid().entry(0, 0x8000_0008, 0, 0, 48 << 16, 0, 0, 0);
    ok(vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VM, 0, 0), init));
    KvmVcpu first = null;
    for (int id = 0; id < 2; id++) {
      KvmVcpu vcpu = process.vcpu(keep(vm.createVcpu(id))).orElseThrow();
      KvmCpuid2 cpuid = new KvmCpuid2(2);
      cpuid.entry(0, 1, 0, 0, 0x806f8, 0, 1 << 21, 0);
      cpuid.entry(1, 0x8000_0008, 0, 0, 52, 0, 0, 0);
      ok(vcpu.setCpuid2(cpuid));
      ok(vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VCPU, 0, 0), null));
      first = first == null ? vcpu : first;
    }
    long source = memory.mmap(17 * PAGE);
    memory.write(source, GuestCode.lowMemoryOfTd(choices), 0, 16 * PAGE);
    memory.write(source + 16 * PAGE, GuestCode.resetPageOfTd(), 0, PAGE);
    ok(slot(vm, 0, 0, RAM, ram, true));
    ok(slot(vm, 1, TOP, PAGE, memory.mmap(PAGE), true));
    ok(privately(vm, 0, RAM));
    ok(privately(vm, TOP, PAGE));
    ok(add(java.util.Objects.requireNonNull(first), source, 0, 16));
    ok(add(first, source + 16 * PAGE, TOP, 1));
    if (runnable) {
      ok(vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.FINALIZE_VM, 0, 0), null));
    }
  }

  private static int privately(KvmVm vm, long gpa, long size) {
    return vm.setMemoryAttributes(
        new KvmMemoryAttributes().address(gpa).size(size).attributes(KvmMemoryAttributes.PRIVATE));
  }

  private static int add(KvmVcpu vcpu, long source, long gpa, int pages) {
    return vcpu.memoryEncryptOp(
        KvmTdxCmd.of(KvmTdx.INIT_MEM_REGION, 0, 0),
        new KvmTdxInitMemRegion().sourceAddr(source).gpa(gpa).nrPages(pages));
  }
}
