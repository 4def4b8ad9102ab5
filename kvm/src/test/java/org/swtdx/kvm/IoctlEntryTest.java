package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmVmType;

/** The entry with numbers, values and user addresses: what a native program would pass. */
class IoctlEntryTest {
  @AutoClose private final TestHost machine = new TestHost();
  private final VmmProcess process = machine.newProcess();
  private int system;
  private int vm;
  private int vcpu;
  private long page;

  @BeforeEach
  void openAll() {
    system = process.openKvm().fd();
    vm = process.ioctl(system, KvmIoctl.CREATE_VM, KvmVmType.DEFAULT);
    vcpu = process.ioctl(vm, KvmIoctl.CREATE_VCPU, 0);
    page = process.memory().mmap(0x3000);
  }

  private String call(int fd, int number, long argument) {
    return Errno.name(process.ioctl(fd, number, argument));
  }

  @Test
  void valuesComeBackAsResults() {
    assertThat(call(system, KvmIoctl.GET_API_VERSION, 0)).isEqualTo("12");
    assertThat(call(system, KvmIoctl.GET_API_VERSION, 1)).isEqualTo("EINVAL");
    assertThat(process.ioctl(system, KvmIoctl.GET_VCPU_MMAP_SIZE, 0)).isEqualTo(KvmRun.SIZE);
    assertThat(call(vcpu, KvmIoctl.RUN, 1)).isEqualTo("EINVAL");
    assertThat(call(99, KvmIoctl.RUN, 0)).isEqualTo("EBADF");
  }

  @Test
  void unknownNumbersGetTheErrorOfTheirFile() {
    assertThat(call(system, 0xae7f, 0)).isEqualTo("EINVAL");
    assertThat(call(vm, 0xae7f, 0)).isEqualTo("ENOTTY");
    assertThat(call(vcpu, 0xae7f, 0)).isEqualTo("EINVAL");
  }

  @Test
  void aNumberWithAnotherSizeIsAnotherIoctl() {
    int regsOfAnotherSize = KvmIoctl.GET_REGS + (8 << 16);
    int capOfAnotherSize = KvmIoctl.ENABLE_CAP - (8 << 16);

    assertThat(call(vcpu, KvmIoctl.GET_REGS, page)).isEqualTo("0");
    assertThat(call(vcpu, regsOfAnotherSize, page)).isEqualTo("EINVAL");
    assertThat(call(vm, capOfAnotherSize, page)).isEqualTo("ENOTTY");
  }

  @Test
  void memoryThatIsNotMappedGivesEfault() {
    long edge = page + 0x3000 - 8;

    assertThat(call(vcpu, KvmIoctl.GET_REGS, 0)).isEqualTo("EFAULT");
    assertThat(call(vcpu, KvmIoctl.GET_REGS, edge)).isEqualTo("EFAULT");
    assertThat(call(vcpu, KvmIoctl.SET_REGS, -4096)).isEqualTo("EFAULT");
    assertThat(call(vm, KvmIoctl.ENABLE_CAP, edge)).isEqualTo("EFAULT");
    assertThat(call(vm, KvmIoctl.SET_IDENTITY_MAP_ADDR, 0)).isEqualTo("EINVAL");
  }

  @Test
  void structuresMayLieAcrossPages() {
    long across = page + 0x1000 - 20;
    process.memory().store(across + 128, 8, 0x1234_5678L);
    process.memory().store(across + 136, 8, 2);

    assertThat(call(vcpu, KvmIoctl.SET_REGS, across)).isEqualTo("0");
    assertThat(call(vcpu, KvmIoctl.GET_REGS, page)).isEqualTo("0");

    assertThat(process.memory().load(page + 128, 8)).isEqualTo(0x1234_5678L);
  }

  @Test
  void listsTellTheirLengthAsLinuxDoes() {
    process.memory().store(page, 4, 1);
    assertThat(call(system, KvmIoctl.GET_MSR_INDEX_LIST, page)).isEqualTo("E2BIG");
    long count = process.memory().load(page, 4);
    assertThat(count).isEqualTo(MsrLists.SAVED.length);
    assertThat(call(system, KvmIoctl.GET_MSR_INDEX_LIST, page)).isEqualTo("0");
    assertThat(process.memory().load(page + 4, 4)).isEqualTo(MsrLists.SAVED[0]);

    process.memory().store(page, 4, 1);
    assertThat(call(system, KvmIoctl.GET_SUPPORTED_CPUID, page)).isEqualTo("E2BIG");
    assertThat(process.memory().load(page, 4)).as("not told").isEqualTo(1);
    process.memory().store(page, 4, 100);
    assertThat(call(system, KvmIoctl.GET_SUPPORTED_CPUID, page)).isEqualTo("0");
    assertThat(process.memory().load(page, 4)).isBetween(20L, 100L);

    assertThat(call(vcpu, KvmIoctl.SET_CPUID2, page)).isEqualTo("0");
    process.memory().store(page, 4, 257);
    assertThat(call(vcpu, KvmIoctl.SET_CPUID2, page)).isEqualTo("E2BIG");
    process.memory().store(page, 4, 256);
    assertThat(call(vcpu, KvmIoctl.GET_MSRS, page)).isEqualTo("E2BIG");
    process.memory().store(page + 0x2ff8, 4, 1);
    assertThat(call(vcpu, KvmIoctl.GET_MSRS, page + 0x2ff8)).isEqualTo("EFAULT");
  }

  @Test
  void anotherProcessCannotUseAVm() {
    VmmProcess other = machine.newProcess();
    KvmFile file = process.file(vm);

    assertThat(file.ioctl(other, KvmIoctl.CHECK_EXTENSION, 3)).isEqualTo(-Errno.EIO);
    assertThat(process.file(vcpu).ioctl(other, KvmIoctl.RUN, 0)).isEqualTo(-Errno.EIO);
    assertThat(file.ioctl(process, KvmIoctl.CHECK_EXTENSION, 3)).isEqualTo(1);
  }

  @Test
  void aDescriptorThatCannotBeHadLeavesNothingBehind() {
    UserProcess full = new FullProcess(process);

    assertThat(process.file(system).ioctl(full, KvmIoctl.CREATE_VM, 0)).isEqualTo(-Errno.EMFILE);
    assertThat(machine.host.outstandingKeyIds()).isZero();
  }

  /** The same process, out of descriptors. */
  private record FullProcess(VmmProcess process) implements UserProcess {
    @Override
    public AddressSpace memory() {
      return process.memory();
    }

    @Override
    public int install(KvmFile file) {
      return -Errno.EMFILE;
    }

    @Override
    public KvmFile file(int fd) {
      return process.file(fd);
    }

    @Override
    public boolean isOpen(int fd) {
      return process.isOpen(fd);
    }

    @Override
    public EventFd eventFd(int fd) {
      return process.eventFd(fd);
    }
  }
}
