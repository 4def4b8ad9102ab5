package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;

/** INS and OUTS with operands that are device memory, read-only, or in two pages. */
class VmxStringIoTest {
  private static final long RAM = 0x9000;

  private TestHost machine;
  private VmmProcess process;
  private KvmVm vm;
  private KvmVcpu vcpu;
  private long ram;

  @BeforeEach
  void switchOn() {
    machine = new TestHost();
    process = machine.newProcess();
    vm = process.vm(process.openKvm().createVm(KvmVmType.DEFAULT)).orElseThrow();
    ram = process.memory().mmap(RAM);
    slot(0, 0, RAM, ram, 0);
  }

  @AfterEach
  void everythingIsGivenBack() {
    process.exit();
    assertThat(machine.host.outstandingFrames()).isZero();
    machine.close();
  }

  private void slot(int id, long gpa, long size, long uaddr, int flags) {
    KvmUserspaceMemoryRegion region =
        new KvmUserspaceMemoryRegion()
            .slot(id)
            .flags(flags)
            .guestPhysAddr(gpa)
            .memorySize(size)
            .userspaceAddr(uaddr);
    assertThat(vm.setUserMemoryRegion(region)).isZero();
  }

  /** Puts code at the reset vector; it begins with DS and ES at {@code segment}. */
  private void code(int segment, String hex) {
    vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    long rom = process.memory().mmap(4096);
    String start = "b8%02x%02x8ed88ec0".formatted(segment & 0xff, segment >> 8);
    byte[] bytes = HexFormat.of().parseHex((start + hex).replace(" ", ""));
    process.memory().write(rom, bytes, 0, bytes.length);
    byte[] jump = {(byte) 0xe9, 0x0d, (byte) 0xf0};
    process.memory().write(rom + 0xff0, jump, 0, jump.length);
    slot(1, 0xffff_f000L, 4096, rom, 0);
  }

  private KvmRun exit(int reason) {
    assertThat(vcpu.run()).as("KVM_RUN").isZero();
    assertThat(KvmExit.name(vcpu.kvmRun().exitReason())).isEqualTo(KvmExit.name(reason));
    return vcpu.kvmRun();
  }

  private void mmio(boolean write, long gpa, int length) {
    KvmRun run = exit(KvmExit.MMIO);
    assertThat(run.mmioIsWrite()).isEqualTo(write ? 1 : 0);
    assertThat(run.mmioPhysAddr()).isEqualTo(gpa);
    assertThat(run.mmioLen()).isEqualTo(length);
  }

  private KvmRegs registers() {
    KvmRegs regs = new KvmRegs();
    assertThat(vcpu.getRegs(regs)).isZero();
    return regs;
  }

  @Test
  void repeatedInputGoesToDeviceMemoryElementByElement() {
    // mov di,0x10; mov cx,2; mov dx,0x511; rep insw; hlt
    code(0xa000, "bf1000 b90200 ba1105 f36d f4");

    for (int i = 0; i < 2; i++) {
      KvmRun run = exit(KvmExit.IO);
      assertThat(run.ioDirection()).isEqualTo(KvmRun.IO_IN);
      assertThat(run.ioCount()).isEqualTo(1);
      run.ioData16(0, 0x1234 + i);
      mmio(true, 0xa0010 + 2 * i, 2);
      assertThat(run.mmioData()).isEqualTo(0x1234 + i);
    }
    exit(KvmExit.HLT);
    assertThat(registers().rdi()).isEqualTo(0x14);
    assertThat(registers().rcx()).isZero();
  }

  @Test
  void outputComesFromDeviceMemory() {
    // mov si,0x20; mov dx,0x80; outsd; hlt
    code(0xa000, "be2000 ba8000 666f f4");

    mmio(false, 0xa0020, 4);
    vcpu.kvmRun().mmioData(0xcafe_f00dL);
    KvmRun run = exit(KvmExit.IO);
    assertThat(run.ioDirection()).isEqualTo(KvmRun.IO_OUT);
    assertThat(run.ioPort()).isEqualTo(0x80);
    assertThat(run.ioSize()).isEqualTo(4);
    assertThat(run.ioData32(0)).isEqualTo(0xcafe_f00d);
    exit(KvmExit.HLT);
    assertThat(registers().rsi()).isEqualTo(0x24);
  }

  @Test
  void anElementHalfInMemoryIsSplitAtThePage() {
    // The last byte of memory and three bytes after it. mov si,0x8fff; mov dx,0x80; outsd; then in
    code(0, "beff8f ba8000 666f bfff8f 666d f4");
    process.memory().store(ram + RAM - 1, 1, 0x5a);

    mmio(false, RAM, 3);
    vcpu.kvmRun().mmioData(0x11_2233L);
    assertThat(exit(KvmExit.IO).ioData32(0)).isEqualTo(0x1122_335a);
    exit(KvmExit.IO).ioData32(0, 0x4433_2211);
    mmio(true, RAM, 3);
    assertThat(vcpu.kvmRun().mmioData()).isEqualTo(0x44_3322);
    exit(KvmExit.HLT);
    assertThat(process.memory().load(ram + RAM - 1, 1)).isEqualTo(0x11);
  }

  @Test
  void anElementInTwoPagesOfMemoryIsOneElement() {
    // mov di,0xfff; mov cx,3; mov dx,0x80; rep insw; hlt
    code(0, "bfff0f b90300 ba8000 f36d f4");

    exit(KvmExit.IO).ioData16(0, 0x2211);
    KvmRun run = exit(KvmExit.IO);
    assertThat(run.ioCount()).isEqualTo(2);
    run.ioData16(0, 0x4433).ioData16(1, 0x6655);
    exit(KvmExit.HLT);
    assertThat(process.memory().load(ram + 0xfff, 4)).isEqualTo(0x4433_2211L);
    assertThat(process.memory().load(ram + 0x1003, 2)).isEqualTo(0x6655);
  }

  @Test
  void readOnlyMemoryIsWrittenByUserSpace() {
    slot(2, 0xb_0000, 4096, process.memory().mmap(4096), KvmUserspaceMemoryRegion2.READONLY);
    // mov di,8; mov dx,0x80; insb; hlt
    code(0xb000, "bf0800 ba8000 6c f4");

    exit(KvmExit.IO).ioData8(0, 0x77);
    mmio(true, 0xb_0008, 1);
    assertThat(vcpu.kvmRun().mmioData()).isEqualTo(0x77);
    exit(KvmExit.HLT);
  }

  @Test
  void portsOfChipsInTheKernelNeedNoExit() {
    assertThat(vm.createIrqchip()).isZero();
    // mov si,0x100; mov dx,0x21; outsb; mov di,0x101; insb; mov al,[0x101]; out 0x80,al
    code(0, "be0001 ba2100 6e bf0101 6c a00101 e680");
    process.memory().store(ram + 0x100, 1, 0xa5);

    KvmRun run = exit(KvmExit.IO);
    assertThat(run.ioPort()).isEqualTo(0x80);
    assertThat(run.ioData8(0)).isEqualTo(0xa5);
  }

  @Test
  void anExitOfAnotherKindFollowsWithoutConfusion() {
    // mov si,0x100; mov dx,0x80; outsb; mov ax,0xa000; mov ds,ax; mov al,[0]; mov bl,al; hlt
    code(0, "be0001 ba8000 6e b800a0 8ed8 a00000 88c3 f4");

    exit(KvmExit.IO);
    mmio(false, 0xa_0000, 1);
    vcpu.kvmRun().mmioData(0x99);
    exit(KvmExit.HLT);
    assertThat(registers().rbx()).isEqualTo(0x99);
  }
}
