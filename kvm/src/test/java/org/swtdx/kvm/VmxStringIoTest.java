package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.regs;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;

/** INS and OUTS with operands that are device memory, read-only, or in two pages. */
class VmxStringIoTest {
  private static final long RAM = 0x9000;

  @AutoClose private final OrdinaryVm guest = OrdinaryVm.withRam(RAM);

  /** A vCPU before code that begins with DS and ES at {@code segment}. */
  private KvmVcpu start(int segment, String code) {
    guest.codeAtReset("b8%02x%02x8ed88ec0".formatted(segment & 0xff, segment >> 8) + code);
    return guest.vcpu(0);
  }

  private static KvmRun mmio(KvmVcpu vcpu, boolean write, long gpa, int length) {
    KvmRun run = exit(vcpu, KvmExit.MMIO);
    assertThat(run.mmioIsWrite()).isEqualTo(write ? 1 : 0);
    assertThat(run.mmioPhysAddr()).isEqualTo(gpa);
    assertThat(run.mmioLen()).isEqualTo(length);
    return run;
  }

  @Test
  void repeatedInputGoesToDeviceMemoryElementByElement() {
    // mov di,0x10; mov cx,2; mov dx,0x511; rep insw; hlt
    KvmVcpu vcpu = start(0xa000, "bf1000 b90200 ba1105 f36d f4");

    for (int i = 0; i < 2; i++) {
      KvmRun run = exit(vcpu, KvmExit.IO);
      assertThat(run.ioDirection()).isEqualTo(KvmRun.IO_IN);
      assertThat(run.ioCount()).isEqualTo(1);
      run.ioData16(0, 0x1234 + i);
      mmio(vcpu, true, 0xa0010 + 2 * i, 2);
      assertThat(run.mmioData()).isEqualTo(0x1234 + i);
    }
    exit(vcpu, KvmExit.HLT);
    assertThat(regs(vcpu).rdi()).isEqualTo(0x14);
    assertThat(regs(vcpu).rcx()).isZero();
  }

  @Test
  void outputComesFromDeviceMemory() {
    // mov si,0x20; mov dx,0x80; outsd; hlt
    KvmVcpu vcpu = start(0xa000, "be2000 ba8000 666f f4");

    mmio(vcpu, false, 0xa0020, 4).mmioData(0xcafe_f00dL);
    KvmRun run = exit(vcpu, KvmExit.IO);
    assertThat(run.ioDirection()).isEqualTo(KvmRun.IO_OUT);
    assertThat(run.ioPort()).isEqualTo(0x80);
    assertThat(run.ioSize()).isEqualTo(4);
    assertThat(run.ioData32(0)).isEqualTo(0xcafe_f00d);
    exit(vcpu, KvmExit.HLT);
    assertThat(regs(vcpu).rsi()).isEqualTo(0x24);
  }

  @Test
  void anElementHalfInMemoryIsSplitAtThePage() {
    // The last byte of memory and three bytes after it. mov si,0x8fff; mov dx,0x80; outsd; then in
    KvmVcpu vcpu = start(0, "beff8f ba8000 666f bfff8f 666d f4");
    guest.store(RAM - 1, 1, 0x5a);

    mmio(vcpu, false, RAM, 3).mmioData(0x11_2233L);
    assertThat(exit(vcpu, KvmExit.IO).ioData32(0)).isEqualTo(0x1122_335a);
    exit(vcpu, KvmExit.IO).ioData32(0, 0x4433_2211);
    assertThat(mmio(vcpu, true, RAM, 3).mmioData()).isEqualTo(0x44_3322);
    exit(vcpu, KvmExit.HLT);
    assertThat(guest.load(RAM - 1, 1)).isEqualTo(0x11);
  }

  @Test
  void anElementInTwoPagesOfMemoryIsOneElement() {
    // mov di,0xfff; mov cx,3; mov dx,0x80; rep insw; hlt
    KvmVcpu vcpu = start(0, "bfff0f b90300 ba8000 f36d f4");

    exit(vcpu, KvmExit.IO).ioData16(0, 0x2211);
    KvmRun run = exit(vcpu, KvmExit.IO);
    assertThat(run.ioCount()).isEqualTo(2);
    run.ioData16(0, 0x4433).ioData16(1, 0x6655);
    exit(vcpu, KvmExit.HLT);
    assertThat(guest.load(0xfff, 4)).isEqualTo(0x4433_2211L);
    assertThat(guest.load(0x1003, 2)).isEqualTo(0x6655);
  }

  @Test
  void readOnlyMemoryIsWrittenByUserSpace() {
    long readOnly = guest.memory.mmap(4096);
    guest.slot(2, 0xb_0000, 4096, readOnly, KvmUserspaceMemoryRegion2.READONLY);
    // mov di,8; mov dx,0x80; insb; hlt
    KvmVcpu vcpu = start(0xb000, "bf0800 ba8000 6c f4");

    exit(vcpu, KvmExit.IO).ioData8(0, 0x77);
    assertThat(mmio(vcpu, true, 0xb_0008, 1).mmioData()).isEqualTo(0x77);
    exit(vcpu, KvmExit.HLT);
  }

  @Test
  void portsOfChipsInTheKernelNeedNoExit() {
    guest.irqchip();
    // mov si,0x100; mov dx,0x21; outsb; mov di,0x101; insb; mov al,[0x101]; out 0x80,al
    KvmVcpu vcpu = start(0, "be0001 ba2100 6e bf0101 6c a00101 e680");
    guest.store(0x100, 1, 0xa5);

    KvmRun run = exit(vcpu, KvmExit.IO);
    assertThat(run.ioPort()).isEqualTo(0x80);
    assertThat(run.ioData8(0)).isEqualTo(0xa5);
  }

  @Test
  void anExitOfAnotherKindFollowsWithoutConfusion() {
    // mov si,0x100; mov dx,0x80; outsb; mov ax,0xa000; mov ds,ax; mov al,[0]; mov bl,al; hlt
    KvmVcpu vcpu = start(0, "be0001 ba8000 6e b800a0 8ed8 a00000 88c3 f4");

    exit(vcpu, KvmExit.IO);
    mmio(vcpu, false, 0xa_0000, 1).mmioData(0x99);
    exit(vcpu, KvmExit.HLT);
    assertThat(regs(vcpu).rbx()).isEqualTo(0x99);
  }
}
