package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmVmType;
import org.swtdx.kvm.uapi.Struct;

/**
 * An ordinary VM in a process of its own, with RAM at guest physical 0 in slot 0. Methods that give
 * the VM itself add something to it; they are called in the order in which KVM takes them, before
 * the first vCPU. Closing it closes its machine, which expects everything back.
 */
final class OrdinaryVm implements AutoCloseable {
  /** Bytes of RAM, unless a test wants another size. */
  static final long RAM_SIZE = 0x10000;

  /** Code that counts in AL for ever: inc al; out 0x80,al; jmp back. */
  static final String COUNTING = "fec0" + "e680" + "ebfa";

  /** The page below 4 GiB, where processors start, in slot 1. */
  private static final long ROM = 0xffff_f000L;

  private static final String RESET_JUMP = "e90df0"; // from f000:fff0 to f000:f000
  private static final int PAGE = 4096;

  final TestHost machine;
  final VmmProcess process;
  final UserMemory memory;
  final Kvm kvm;
  final KvmVm vm;

  /** User address of the RAM; 0 without RAM. */
  final long ram;

  private OrdinaryVm(TestHost machine, long ramSize) {
    this.machine = machine;
    process = machine.newProcess();
    memory = process.memory();
    kvm = process.openKvm();
    vm = process.vm(kvm.createVm(KvmVmType.DEFAULT)).orElseThrow();
    ram = ramSize == 0 ? 0 : memory.mmap(ramSize);
    if (ramSize != 0) {
      slot(0, 0, ramSize, ram, 0);
    }
  }

  /** On a machine of its own. */
  OrdinaryVm() {
    this(new TestHost(), RAM_SIZE);
  }

  /** On a machine of its own, with RAM of another size. */
  static OrdinaryVm withRam(long size) {
    return new OrdinaryVm(new TestHost(), size);
  }

  /** On a machine of its own, without any memory slot. */
  static OrdinaryVm withoutRam() {
    return new OrdinaryVm(new TestHost(), 0);
  }

  /** On a machine that others use too, whose closing ends it. */
  static OrdinaryVm on(TestHost machine) {
    return new OrdinaryVm(machine, RAM_SIZE);
  }

  /** With a capability of the VM enabled. */
  OrdinaryVm enable(int capability, long argument) {
    assertThat(vm.enableCap(KvmEnableCap.of(capability, argument))).isZero();
    return this;
  }

  /** With local APICs in the kernel, the other interrupt controllers in user space. */
  OrdinaryVm splitIrqchip() {
    return enable(KvmCap.SPLIT_IRQCHIP, 24);
  }

  /** With all interrupt controllers in the kernel. */
  OrdinaryVm irqchip() {
    assertThat(vm.createIrqchip()).isZero();
    return this;
  }

  /** With code, as hexadecimal digits, at an address in RAM. */
  OrdinaryVm code(long gpa, String hex) {
    write(ram + gpa, hex);
    return this;
  }

  /** With code where processors start, at f000:f000 in real mode. */
  OrdinaryVm codeAtReset(String hex) {
    long rom = memory.mmap(PAGE);
    write(rom, hex);
    write(rom + 0xff0, RESET_JUMP);
    slot(1, ROM, PAGE, rom, 0);
    return this;
  }

  private void write(long uaddr, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    assertThat(memory.write(uaddr, bytes, 0, bytes.length)).isTrue();
  }

  /** Reads RAM. */
  long load(long gpa, int bytes) {
    return memory.load(ram + gpa, bytes);
  }

  /** Writes RAM. */
  void store(long gpa, int bytes, long value) {
    memory.store(ram + gpa, bytes, value);
  }

  /** Makes, moves or changes a memory slot. */
  void slot(int id, long gpa, long size, long uaddr, int flags) {
    KvmUserspaceMemoryRegion region =
        new KvmUserspaceMemoryRegion()
            .slot(id)
            .flags(flags)
            .guestPhysAddr(gpa)
            .memorySize(size)
            .userspaceAddr(uaddr);
    assertThat(vm.setUserMemoryRegion(region)).as("slot %d", id).isZero();
  }

  /** A new vCPU, as it is after reset. */
  KvmVcpu vcpu(int id) {
    return process.vcpu(vm.createVcpu(id)).orElseThrow();
  }

  /** A new vCPU before {@code rip}; see {@link Vcpus#realMode}. */
  KvmVcpu vcpuAt(int id, long rip) {
    KvmVcpu vcpu = vcpu(id);
    Vcpus.realMode(vcpu, rip);
    return vcpu;
  }

  /** KVM_GET_SUPPORTED_CPUID. */
  KvmCpuid2 supportedCpuid() {
    KvmCpuid2 list = new KvmCpuid2(100);
    assertThat(kvm.getSupportedCpuid(list)).isZero();
    return list;
  }

  /** An ioctl with the structure in the process's memory, where it is read from and written to. */
  int ioctl(int fd, int number, Struct struct) {
    byte[] bytes = struct.segment().toArray(ValueLayout.JAVA_BYTE);
    long at = memory.mmap(PAGE);
    assertThat(memory.write(at, bytes, 0, bytes.length)).isTrue();
    int result = process.ioctl(fd, number, at);
    assertThat(memory.read(at, bytes, 0, bytes.length)).isTrue();
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, struct.segment(), 0, bytes.length);
    assertThat(memory.munmap(at)).isZero();
    return result;
  }

  @Override
  public void close() {
    machine.close();
  }
}
