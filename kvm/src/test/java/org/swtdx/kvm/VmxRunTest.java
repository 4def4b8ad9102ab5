package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.flat;
import static org.swtdx.kvm.Vcpus.regs;
import static org.swtdx.kvm.Vcpus.sregs;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmSregs;

/** Ordinary VMs, started at the reset vector in real mode. */
class VmxRunTest {
  @AutoClose private final OrdinaryVm guest = new OrdinaryVm().splitIrqchip();
  private final KvmVm vm = guest.vm;
  private final KvmVcpu vcpu = guest.vcpu(0);

  @Test
  void portsReachUserSpace() {
    // mov dx,0x3f8; mov al,0x41; out dx,al; in ax,dx; inc ax; out dx,ax
    guest.codeAtReset("baf803" + "b041" + "ee" + "ed" + "40" + "ef");

    KvmRun run = exit(vcpu, KvmExit.IO);
    assertThat(run.ioPort()).isEqualTo(0x3f8);
    assertThat(run.ioSize()).isEqualTo(1);
    assertThat(run.ioData8(0)).isEqualTo(0x41);
    run = exit(vcpu, KvmExit.IO);
    assertThat(run.ioDirection()).isEqualTo(KvmRun.IO_IN);
    run.ioData16(0, 0x1234);
    assertThat(exit(vcpu, KvmExit.IO).ioData16(0)).isEqualTo(0x1235);
  }

  @Test
  void repeatedStringInputFillsMemory() {
    // xor ax,ax; mov es,ax; mov di,0x500; mov cx,3; mov dx,0x511; rep insb; out dx,al
    guest.codeAtReset("31c0" + "8ec0" + "bf0005" + "b90300" + "ba1105" + "f36c" + "ee");

    KvmRun run = exit(vcpu, KvmExit.IO);
    assertThat(run.ioDirection()).isEqualTo(KvmRun.IO_IN);
    assertThat(run.ioCount()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      run.ioData8(i, 0x61 + i);
    }
    assertThat(exit(vcpu, KvmExit.IO).ioDirection()).isEqualTo(KvmRun.IO_OUT);
    assertThat(guest.load(0x500, 4)).isEqualTo(0x636261);
  }

  @Test
  void mmioReadsAndWritesReachUserSpace() {
    // mov ax,0xa000; mov ds,ax; mov ax,[0x10]; inc ax; mov [0x12],ax; add word [0x14],2
    guest.codeAtReset("b800a0" + "8ed8" + "a11000" + "40" + "a31200" + "8306140002");

    KvmRun run = exit(vcpu, KvmExit.MMIO);
    assertThat(run.mmioPhysAddr()).isEqualTo(0xa0010);
    assertThat(run.mmioLen()).isEqualTo(2);
    assertThat(run.mmioIsWrite()).isZero();
    run.mmioData(0x1233);
    run = exit(vcpu, KvmExit.MMIO);
    assertThat(run.mmioPhysAddr()).isEqualTo(0xa0012);
    assertThat(run.mmioIsWrite()).isEqualTo(1);
    assertThat(run.mmioData()).isEqualTo(0x1234);
    exit(vcpu, KvmExit.MMIO).mmioData(5);
    run = exit(vcpu, KvmExit.MMIO);
    assertThat(run.mmioPhysAddr()).isEqualTo(0xa0014);
    assertThat(run.mmioData()).isEqualTo(7);
  }

  @Test
  void cpuidIsWhatUserSpaceSet() {
    KvmCpuid2 cpuid = new KvmCpuid2(1);
    cpuid.entry(0, 0x4000_0000, 0, 0, 0x11, 0x22, 0x33, 0x44);
    assertThat(vcpu.setCpuid2(cpuid)).isZero();
    // mov eax,0x40000000; cpuid; mov dx,0x80; out dx,al
    guest.codeAtReset("66b800000040" + "0fa2" + "ba8000" + "ee");

    exit(vcpu, KvmExit.IO);

    KvmRegs regs = regs(vcpu);
    assertThat(regs.rbx()).isEqualTo(0x22);
    assertThat(regs.rcx()).isEqualTo(0x33);
  }

  @Test
  void cpuidFollowsControlRegistersAndLimitsThem() {
    KvmCpuid2 cpuid = new KvmCpuid2(4);
    cpuid.nent(4);
    cpuid.entry(0, 0, 0, 0, 0xd, 0, 0, 0);
    cpuid.entry(1, 1, 0, 0, 0, 0, 1 << 26, 0);
    cpuid.entry(2, 0xd, 0, KvmCpuid2.SIGNIFICANT_INDEX, 7, 0, 832, 0);
    cpuid.entry(3, 0xd, 2, KvmCpuid2.SIGNIFICANT_INDEX, 256, 576, 0, 0);
    assertThat(vcpu.setCpuid2(cpuid)).isZero();
    guest.codeAtReset("ea 0006 0000"); // into RAM, where an interrupt can return to
    guest.store(4 * 13, 4, 0x700);
    // mov eax,40000h; mov cr4,eax; cpuid 1; out ecx; xsetbv 7; cpuid 0dh; out ebx;
    // xsetbv 207h: #GP, whose handler goes on behind it; mov cr4, 800h (UMIP): #GP
    guest.code(
        0x600,
        "66b800000400 0f22e0 66b801000000 0fa2 6689c8 baf803 66ef"
            + "6631c9 6631d2 66b807000000 0f01d1 66b80d000000 0fa2 6689d8 baf803 66ef"
            + "6631c9 6631d2 66b807020000 0f01d1 66b800080000 0f22e0 b055 e6f0");
    guest.code(0x700, "b00d e6f1 5d 83c503 55 cf");

    assertThat(exit(vcpu, KvmExit.IO).ioData32(0)).as("OSXSAVE").isEqualTo(1 << 26 | 1 << 27);
    assertThat(exit(vcpu, KvmExit.IO).ioData32(0)).as("size of what XCR0 enables").isEqualTo(832);
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).as("#GP for PKRU state").isEqualTo(0xf1);
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).as("#GP for CR4.UMIP").isEqualTo(0xf1);
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0xf0);
  }

  @Test
  void tasksAreSwitchedInMemoryThatWasNeverTouched() {
    KvmSregs sregs = flat(sregs(vcpu), 0).cr0(0x11).gdtBase(0x1000).gdtLimit(0x27);
    sregs.base(6, 0x2000).limit(6, 0x67).selector(6, 0x18).type(6, 11).s(6, 0).present(6, 1);
    assertThat(vcpu.setSregs(sregs)).isZero();
    guest.store(0x1008, 8, 0x00cf_9b00_0000_ffffL);
    guest.store(0x1010, 8, 0x00cf_9300_0000_ffffL);
    guest.store(0x1018, 8, 0x0000_8b00_2000_0067L);
    guest.store(0x1020, 8, 0x0000_8900_3000_0067L);
    guest.store(0x3020, 8, 0x2_0000_5000L);
    guest.store(0x3028, 4, 0x77);
    guest.store(0x304c, 8, 0x10_0000_0008L);
    guest.store(0x4000, 8, 0xe6_0020_0000_0000_eaL); // jmp 20h:0
    guest.store(0x5000, 2, 0xf0e6); // out f0h, al
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x4000).rflags(2))).isZero();

    KvmRun run = exit(vcpu, KvmExit.IO);

    assertThat(run.ioPort()).isEqualTo(0xf0);
    assertThat(run.ioData8(0)).isEqualTo(0x77);
    assertThat(guest.load(0x2020, 4)).as("EIP of the old task").isEqualTo(0x4007);
  }

  @Test
  void anInterruptEndsHalt() throws InterruptedException {
    // vector 0x41 at 0:600: mov al,0x4f; out 0x80,al; iret
    guest.store(0x41 * 4, 4, 0x600);
    guest.store(0x600, 8, 0xcf80_e64f_b0L);
    String enable = "66b91b000000" + "0f32" + "660d00040000" + "0f30"; // APIC_BASE |= EXTD
    String svr = "66b90f080000" + "66b8ff010000" + "6631d2" + "0f30";
    guest.codeAtReset("bc0070" + enable + svr + "fb" + "f4" + "ebfd"); // sti; hlt; jmp to the hlt
    int[] result = {1};
    Thread thread = new Thread(() -> result[0] = vcpu.run());
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    assertThat(vm.signalMsi(KvmMsi.of(0xfee0_0000L, 0x41))).isEqualTo(1);

    thread.join();
    assertThat(result[0]).isZero();
    assertThat(vcpu.kvmRun().ioData8(0)).isEqualTo(0x4f);
  }

  @Test
  void registersCanBeReadAndWritten() {
    KvmRegs regs = new KvmRegs().rip(0x1000).rax(7).rflags(2).r15(15);
    KvmSregs sregs = sregs(vcpu);
    assertThat(sregs.selector(KvmSregs.CS)).isEqualTo(0xf000);
    assertThat(sregs.base(KvmSregs.CS)).isEqualTo(0xffff_0000L);
    assertThat(sregs.apicBase()).isEqualTo(0xfee0_0900L);
    sregs.selector(KvmSregs.CS, 0).base(KvmSregs.CS, 0);
    assertThat(vcpu.setSregs(sregs)).isZero();
    assertThat(vcpu.setRegs(regs)).isZero();
    guest.store(0x1000, 2, 0xe6 | 0x80 << 8); // out 0x80,al

    assertThat(exit(vcpu, KvmExit.IO).ioData8(0)).isEqualTo(7);
    assertThat(vcpu.getRegs(regs)).isZero();
    assertThat(regs.rip()).as("the instruction ends with the next KVM_RUN").isEqualTo(0x1000);
    assertThat(regs.r15()).isEqualTo(15);
    KvmFpu fpu = new KvmFpu();
    assertThat(vcpu.getFpu(fpu)).isZero();
    assertThat(fpu.fcw()).isEqualTo(0x37f); // FNINIT's
    assertThat(vcpu.setFpu(fpu.xmm(2, 99))).isZero();
    assertThat(vcpu.getFpu(fpu)).isZero();
    assertThat(fpu.xmm(2)).isEqualTo(99);
    KvmMsrs msrs = new KvmMsrs(1);
    msrs.index(0, 0xc000_0082).data(0, 0x1234);
    assertThat(vcpu.setMsrs(msrs)).isEqualTo(1);
    assertThat(vcpu.getMsrs(msrs.data(0, 0))).isEqualTo(1);
    assertThat(msrs.data(0)).isEqualTo(0x1234);
  }

  @Test
  void aSecondVcpuStartsAtItsStartupVector() throws InterruptedException {
    KvmVcpu second = guest.vcpu(1);
    KvmMpState state = new KvmMpState();
    assertThat(second.getMpState(state)).isZero();
    assertThat(state.mpState()).isEqualTo(KvmMpState.UNINITIALIZED);
    guest.store(0x8000, 4, 0x80e642b0L); // mov al,0x42; out 0x80,al
    int[] result = {1};
    Thread thread =
        new Thread(
            () -> {
              do {
                result[0] = second.run();
              } while (result[0] == -Errno.EAGAIN);
            });
    thread.start();
    // x2APIC, software-enabled, then INIT and SIPI to APIC 1
    String enable = "66b91b000000" + "0f32" + "660d00040000" + "0f30";
    String svr = "66b90f080000" + "66b8ff010000" + "6631d2" + "0f30";
    String init = "66b930080000" + "66b800450000" + "66ba01000000" + "0f30";
    String sipi = "66b808460000" + "0f30" + "e681";
    guest.codeAtReset(enable + svr + init + sipi);

    exit(vcpu, KvmExit.IO);
    thread.join();

    assertThat(result[0]).isZero();
    assertThat(second.kvmRun().ioData8(0)).isEqualTo(0x42);
  }

  @Test
  void aTripleFaultIsShutdownAndMissingCodeAnEmulationFailure() {
    guest.codeAtReset("0f0b"); // ud2 with an empty vector table in zeroed memory runs into nowhere
    KvmSregs sregs = sregs(vcpu);
    vcpu.setSregs(sregs.idtLimit(0));

    exit(vcpu, KvmExit.SHUTDOWN);
    assertThat(vcpu.setRegs(new KvmRegs().rip(0).rflags(2))).isZero();
    vcpu.setSregs(sregs.base(KvmSregs.CS, 0x20_0000).selector(KvmSregs.CS, 0));
    KvmRun run = exit(vcpu, KvmExit.INTERNAL_ERROR);
    assertThat(run.internalSuberror()).isEqualTo(KvmExit.INTERNAL_ERROR_EMULATION);
  }

  @Test
  void setSregsRefusesImpossibleModes() {
    KvmSregs sregs = sregs(vcpu);

    assertThat(vcpu.setSregs(sregs.cr0(0x8000_0010L))).as("PG without PE").isEqualTo(-Errno.EINVAL);
    vcpu.getSregs(sregs);
    assertThat(vcpu.setSregs(sregs.apicBase(0xfee0_0400L)))
        .as("x2APIC while disabled")
        .isEqualTo(-Errno.EINVAL);
  }
}
