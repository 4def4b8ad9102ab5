package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitMemRegion;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;

/**
 * A TD that performs the TDVMCALLs of a script, one after the other, and reports R10 and R11 of
 * each by MMIO writes to {@link #REPORT}. RAM of 4 MiB is at 0, one page of code at the reset
 * vector.
 */
final class TestTd {
  static final long SHARED = 1L << 47;
  static final long REPORT = 0xd000_0000L;
  static final long RAM = 4 << 20;

  /** Linear address at which the guest reaches shared memory from guest physical 2 MiB on. */
  static final long SHARED_WINDOW = 0x4000_0000L;

  /**
   * Script entries that are no TDVMCALL: store R13 at linear R12 and read it back; accept R12; read
   * linear R12.
   */
  static final long TOUCH = -2;

  static final long ACCEPT = -3;
  static final long LOAD = -4;

  private static final long ROM = 0xffff_f000L;
  private static final int SCRIPT = 0x8000;
  private static final int VCPUS = 4;
  private static final long PRIVATE_FLAG = KvmMemoryAttributes.PRIVATE;

  /**
   * Enters 64-bit mode, then loops over entries of R10 to R15 at 0x8000, and 4 KiB further for each
   * vCPU, until R11 is -1, which ends in UD2 without an IDT.
   */
  private static final String CODE =
      "0f0115"
          + "18ffffff"
          + "b800100000"
          + "0f22d8"
          + "0f20e0"
          + "0d60060000"
          + "0f22e0"
          + "b821000080"
          + "0f22c0"
          + "ea29f0ffff0800"
          // script of this vCPU, whose index is in ESI; loop: load R10 to R15, advance, dispatch on
          // R11
          + "c1e60c"
          + "81c600800000"
          + "4c8b16"
          + "4c8b5e08"
          + "4c8b6610"
          + "4c8b6e18"
          + "4c8b7620"
          + "4c8b7e28"
          + "4883c630"
          + "4983fbff"
          + "0f84a2000000"
          + "4983fbfe"
          + "7470"
          + "4983fbfd"
          + "747b"
          + "4983fbfc"
          + "7468"
          + "31c0"
          + "b900fc0000"
          + "660f01cc"
          // report: write R10, then R11, by TDVMCALL MMIO
          + "4c89d7"
          + "4c89dd"
          + "bb000000d0"
          + "4989ff"
          + "488d1502000000"
          + "eb13"
          + "bb080000d0"
          + "4989ef"
          + "488d1502000000"
          + "eb02"
          + "eb94"
          + "4531d2"
          + "41bb30000000"
          + "41bc08000000"
          + "41bd01000000"
          + "41be01000000"
          + "49c1e62f"
          + "4909de"
          + "31c0"
          + "b900fc0000"
          + "660f01cc"
          + "ffe2"
          // touch and, from its second instruction on, load; accept, end
          + "4d892c24"
          + "4d8b1c24"
          + "49c7c200000000"
          + "eb96"
          + "b806000000"
          + "4c89e1"
          + "660f01cc"
          + "4989c2"
          + "49c7c300000000"
          + "e97bffffff"
          + "0f0b";

  final VmmProcess process;
  final KvmVm vm;
  final UserMemory memory;
  KvmVcpu vcpu;
  GuestMemfd ram;
  long ramUaddr;

  private final long source;
  private final int[] entries = new int[VCPUS];

  private TestTd(TestHost machine) {
    process = machine.newProcess();
    memory = process.memory();
    vm = process.vm(process.openKvm().createVm(KvmVmType.TDX)).orElseThrow();
    source = memory.mmap(0x10000);
  }

  /** A VM descriptor of type TDX and nothing else. */
  static TestTd bare(TestHost machine) {
    return new TestTd(machine);
  }

  /** A TD through KVM_TDX_INIT_VM. */
  static TestTd initialized(TestHost machine, long attributes) {
    TestTd td = new TestTd(machine);
    assertThat(td.splitIrqchip()).isZero();
    assertThat(td.vm.enableCap(KvmEnableCap.of(KvmCap.EXIT_HYPERCALL, 1 << 12))).isZero();
    assertThat(td.initVm(initVm().attributes(attributes))).isZero();
    return td;
  }

  /** A TD with one initialized vCPU, memory slots, and RAM private; nothing added yet. */
  static TestTd withVcpu(TestHost machine, long attributes) {
    TestTd td = initialized(machine, attributes);
    td.vcpu = td.addVcpu(0);
    td.addMemory();
    return td;
  }

  int splitIrqchip() {
    return vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24));
  }

  /** KVM_TDX_INIT_VM arguments for a TD with 48-bit addresses. */
  static KvmTdxInitVm initVm() {
    KvmTdxInitVm init = KvmTdxInitVm.withCapacity(1);
    init.cpuid().entry(0, 0x8000_0008, 0, 0, 48 << 16, 0, 0, 0);
    return init;
  }

  int initVm(KvmTdxInitVm init) {
    return vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VM, 0, 0), init);
  }

  KvmVcpu addVcpu(int id) {
    int fd = vm.createVcpu(id);
    assertThat(fd).isPositive();
    KvmVcpu result = process.vcpu(fd).orElseThrow();
    KvmCpuid2 cpuid = new KvmCpuid2(2);
    cpuid.entry(0, 1, 0, 0, 0x806f8, 0, 1 << 21, 0);
    cpuid.entry(1, 0x8000_0008, 0, 0, 52, 0, 0, 0);
    assertThat(result.setCpuid2(cpuid)).isZero();
    assertThat(result.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VCPU, 0, 0), null)).isZero();
    return result;
  }

  GuestMemfd file(long size) {
    int fd = vm.createGuestMemfd(new KvmCreateGuestMemfd().size(size));
    assertThat(fd).isPositive();
    return process.guestMemfd(fd).orElseThrow();
  }

  int slot(int id, long gpa, long size, long uaddr, GuestMemfd file) {
    return vm.setUserMemoryRegion2(
        new KvmUserspaceMemoryRegion2()
            .slot(id)
            .flags(KvmUserspaceMemoryRegion2.GUEST_MEMFD)
            .guestPhysAddr(gpa)
            .memorySize(size)
            .userspaceAddr(uaddr)
            .guestMemfd(file.fd()));
  }

  int attributes(long gpa, long size, long value) {
    return vm.setMemoryAttributes(
        new KvmMemoryAttributes().address(gpa).size(size).attributes(value));
  }

  private void addMemory() {
    ram = file(RAM);
    ramUaddr = memory.mmap(RAM);
    assertThat(slot(0, 0, RAM, ramUaddr, ram)).isZero();
    assertThat(slot(1, ROM, 4096, memory.mmap(4096), file(4096))).isZero();
    assertThat(attributes(0, RAM, PRIVATE_FLAG)).isZero();
    assertThat(attributes(ROM, 4096, PRIVATE_FLAG)).isZero();
  }

  KvmTdxInitMemRegion region(long uaddr, long gpa, long pages) {
    return new KvmTdxInitMemRegion().sourceAddr(uaddr).gpa(gpa).nrPages(pages);
  }

  int addRegion(KvmTdxInitMemRegion region, int flags) {
    return vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_MEM_REGION, flags, 0), region);
  }

  int finalizeTd() {
    return vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.FINALIZE_VM, 0, 0), null);
  }

  /** Adds an entry to the script of the first vCPU: registers R10 to R15. */
  TestTd call(long... registers) {
    return callOf(0, registers);
  }

  /** Adds an entry to the script of the vCPU with an index. */
  TestTd callOf(int index, long... registers) {
    long script = source + SCRIPT + 4096L * index;
    for (int i = 0; i < 6; i++) {
      long value = i < registers.length ? registers[i] : 0;
      memory.store(script + 48L * entries[index] + 8 * i, 8, value);
    }
    entries[index]++;
    return this;
  }

  /** Adds code, page tables and script to the TD and finalizes it. */
  TestTd start() {
    for (int i = 0; i < VCPUS; i++) {
      callOf(i, 0, -1);
    }
    long code = memory.mmap(4096);
    byte[] bytes = HexFormat.of().parseHex(CODE);
    memory.write(code, bytes, 0, bytes.length);
    ByteBuffer gdt = ByteBuffer.allocate(30).order(ByteOrder.LITTLE_ENDIAN);
    gdt.putLong(0).putLong(0x00af_9b00_0000_ffffL).putLong(0x00cf_9300_0000_ffffL);
    gdt.putShort((short) 23).putInt(0xffff_ff00);
    memory.write(code + 0xf00, gdt.array(), 0, 30);

    memory.store(code + 0xff0, 1, 0xe9);
    memory.store(code + 0xff1, 4, -0xff5);
    pageTables();
    assertThat(addRegion(region(code, ROM, 1), 1)).isZero();
    assertThat(addRegion(region(source, 0, 16), 1)).isZero();
    assertThat(finalizeTd()).isZero();
    return this;
  }

  private void pageTables() {
    long table = 0x67;
    long large = 0xe3;
    memory.store(source + 0x1000, 8, 0x2000 | table);
    memory.store(source + 0x2000, 8, 0x3000 | table);
    memory.store(source + 0x2008, 8, 0x5000 | table);
    memory.store(source + 0x2018, 8, 0x4000 | table);
    memory.store(source + 0x3000, 8, large);
    memory.store(source + 0x3008, 8, 0x20_0000 | large);
    memory.store(source + 0x4000 + 8 * 511, 8, 0xffe0_0000L | large);
    memory.store(source + 0x5000, 8, SHARED | 0x20_0000 | large);
    memory.store(source + 0x5008, 8, SHARED | 0x4000_0000L | large);
  }

  /** Runs until the guest reports the result of a call; returns R10 and R11. */
  long[] nextReport() {
    return nextReport(vcpu);
  }

  /** Runs one vCPU until it reports the result of a call; returns R10 and R11. */
  static long[] nextReport(KvmVcpu vcpu) {
    return new long[] {reportWord(vcpu, 0), reportWord(vcpu, 8)};
  }

  private static long reportWord(KvmVcpu vcpu, int offset) {
    KvmRun run = Vcpus.exit(vcpu, KvmExit.MMIO);
    assertThat(run.mmioPhysAddr()).isEqualTo(REPORT + offset);
    assertThat(run.mmioIsWrite()).isEqualTo(1);
    return run.mmioData();
  }

  /** Runs to an exit of a kind. */
  KvmRun exit(int reason) {
    return Vcpus.exit(vcpu, reason);
  }
}
