package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmPitConfig;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;

/** A process with files in one of the states that {@code errors.tsv} names. */
final class ErrorTableState {
  private static final long BAD = 0x10;
  private static final int CLOSED = 99;

  final VmmProcess process;
  private final int system;
  private int vm = CLOSED;
  private int vcpu = CLOSED;
  private int extra = CLOSED;
  private final int eventfd;
  private final int eventfd2;
  private final long page;
  private final long ram;

  private ErrorTableState(VmmProcess process) {
    this.process = process;
    system = process.openKvm().fd();
    eventfd = process.eventfd();
    eventfd2 = process.eventfd();
    page = process.memory().mmap(0x4000);
    ram = process.memory().mmap(0x10000);
  }

  static ErrorTableState of(TestHost machine, String name) {
    if (name.startsWith("td")) {
      return trustDomain(machine, name);
    }
    ErrorTableState state = new ErrorTableState(machine.newProcess());
    state.build(name);
    return state;
  }

  private static ErrorTableState trustDomain(TestHost machine, String name) {
    TestTd td =
        switch (name) {
          case "td" -> TestTd.bare(machine);
          case "tdinit" -> TestTd.initialized(machine, 0);
          case "tdvcpu" -> TestTd.withVcpu(machine, 0);
          case "tdfinal" -> TestTd.withVcpu(machine, 0).start();
          default -> throw new AssertionError("no such state: " + name);
        };
    ErrorTableState state = new ErrorTableState(td.process);
    state.vm = td.vm.fd();
    state.vcpu = td.vcpu == null ? CLOSED : td.vcpu.fd();
    return state;
  }

  private KvmVm vm() {
    return process.vm(vm).orElseThrow();
  }

  private void build(String name) {
    if (name.equals("none")) {
      return;
    }
    int type = name.equals("sw") || name.equals("gmem") ? KvmVmType.SW_PROTECTED : 0;
    vm = process.ioctl(system, KvmIoctl.CREATE_VM, type);
    if (name.startsWith("split")) {
      assertThat(vm().enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24))).isZero();
    }
    if (name.startsWith("irqchip") || name.equals("pit")) {
      assertThat(process.ioctl(vm, KvmIoctl.CREATE_IRQCHIP, 0)).isZero();
    }
    if (name.equals("ring")) {
      assertThat(vm().enableCap(KvmEnableCap.of(KvmCap.DIRTY_LOG_RING, 4096))).isZero();
    }
    switch (name) {
      case "vm", "sw", "split", "irqchip", "ring" -> {}
      case "pit" -> assertThat(vm().createPit2(new KvmPitConfig())).isZero();
      case "vcpu", "splitvcpu", "irqchipvcpu" -> addVcpu();
      case "slot" -> addSlot(0);
      case "logslot" -> addSlot(KvmUserspaceMemoryRegion2.LOG_DIRTY_PAGES);
      case "stats" -> extra = process.ioctl(vm, KvmIoctl.GET_STATS_FD, 0);
      case "gmem" -> extra = vm().createGuestMemfd(new KvmCreateGuestMemfd().size(4096));
      case "dead" -> {
        addVcpu();
        ((VmFile) process.file(vm)).vm().bug("for the test");
      }
      default -> throw new AssertionError("no such state: " + name);
    }
  }

  private void addVcpu() {
    vcpu = process.ioctl(vm, KvmIoctl.CREATE_VCPU, 0);
    assertThat(vcpu).isPositive();
  }

  private void addSlot(int flags) {
    KvmUserspaceMemoryRegion2 region = new KvmUserspaceMemoryRegion2();
    region.flags(flags).memorySize(0x10000).userspaceAddr(ram);
    assertThat(vm().setUserMemoryRegion2(region)).isZero();
  }

  int call(String file, int number, String argument) {
    int fd =
        switch (file) {
          case "system" -> system;
          case "vm" -> vm;
          case "vcpu" -> vcpu;
          default -> extra;
        };
    return process.ioctl(fd, number, argument(argument, fd));
  }

  private long argument(String text, int self) {
    if (text.equals("-")) {
      return 0;
    }
    if (text.equals("bad")) {
      return BAD;
    }
    if (text.startsWith("=")) {
      return Long.decode(text.substring(1));
    }
    String fields = text.substring(1, text.length() - 1);
    for (String field : fields.isEmpty() ? new String[0] : fields.split(" ", -1)) {
      String[] parts = field.split("[@=]", -1);
      int bytes = Integer.parseInt(parts[0].substring(1)) / 8;
      process.memory().store(page + Long.decode(parts[1]), bytes, value(parts[2], self));
    }
    return page;
  }

  private long value(String text, int self) {
    return switch (text) {
      case "$page" -> page + 0x2000;
      case "$bad" -> BAD;
      case "$ram" -> ram;
      case "$eventfd" -> eventfd;
      case "$eventfd2" -> eventfd2;
      case "$closed" -> CLOSED;
      case "$self" -> self;
      default -> text.equals("0x8000000000000000") ? Long.MIN_VALUE : decode(text);
    };
  }

  private static long decode(String text) {
    return text.startsWith("0xffff")
        ? Long.parseUnsignedLong(text.substring(2), 16)
        : Long.decode(text);
  }
}
