package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;

/** IA32_TSC_AUX: the guest has it with RDTSCP or RDPID, user space always. */
class TscAuxTest {
  private static final int TSC_AUX = 0xc000_0103;
  private static final int RDTSCP = 1 << 27, RDPID = 1 << 22;

  private TestHost machine;
  private VmmProcess process;
  private Kvm kvm;
  private KvmVcpu vcpu;

  @BeforeEach
  void switchOn() {
    machine = new TestHost();
    process = machine.host.newProcess();
    kvm = process.openKvm();
    KvmVm vm = process.vm(kvm.createVm(0)).orElseThrow();
    assertThat(vm.enableCap(KvmEnableCap.of(KvmCap.X86_USER_SPACE_MSR, 7))).isZero();
    long ram = process.memory().mmap(0x10000);
    assertThat(
            vm.setUserMemoryRegion(
                new KvmUserspaceMemoryRegion().memorySize(0x10000).userspaceAddr(ram)))
        .isZero();
    // mov ecx,0xc0000103; rdmsr; out 0x80,eax; inc eax; wrmsr; inc edx; wrmsr
    byte[] code =
        HexFormat.of()
            .parseHex("66b9030100c0" + "0f32" + "66e780" + "6640" + "0f30" + "6642" + "0f30");
    process.memory().write(ram + 0x1000, code, 0, code.length);
    vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    KvmSregs sregs = new KvmSregs();
    assertThat(vcpu.getSregs(sregs)).isZero();
    assertThat(vcpu.setSregs(sregs.selector(KvmSregs.CS, 0).base(KvmSregs.CS, 0))).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(2))).isZero();
  }

  @AfterEach
  void everythingIsGivenBack() {
    process.exit();
    assertThat(machine.host.outstandingFrames()).isZero();
    machine.close();
  }

  private void cpuid(boolean rdtscp, boolean rdpid, boolean amd) {
    KvmCpuid2 list = new KvmCpuid2(100);
    assertThat(kvm.getSupportedCpuid(list)).isZero();
    int extended = list.find(0x8000_0001, 0);
    list.edx(extended, list.edx(extended) & ~RDTSCP | (rdtscp ? RDTSCP : 0));
    int structured = list.find(7, 0);
    list.ecx(structured, list.ecx(structured) & ~RDPID | (rdpid ? RDPID : 0));
    if (amd) {
      list.ebx(0, 0x6874_7541).edx(0, 0x6974_6e65).ecx(0, 0x444d_4163);
    }
    assertThat(vcpu.setCpuid2(list)).isZero();
  }

  private boolean set(long value) {
    return vcpu.setMsrs(new KvmMsrs(1).index(0, TSC_AUX).data(0, value)) == 1;
  }

  private long get() {
    KvmMsrs msrs = new KvmMsrs(1).index(0, TSC_AUX);
    assertThat(vcpu.getMsrs(msrs)).isEqualTo(1);
    return msrs.data(0);
  }

  private int exit() {
    assertThat(vcpu.run()).isZero();
    return vcpu.kvmRun().exitReason();
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true", "true, true"})
  void theGuestHasItWithEitherInstruction(boolean rdtscp, boolean rdpid) {
    cpuid(rdtscp, rdpid, false);
    assertThat(set(41)).isTrue();

    assertThat(exit()).isEqualTo(KvmExit.IO);
    assertThat(vcpu.kvmRun().ioData32(0)).isEqualTo(41);
    assertThat(exit()).as("a reserved bit").isEqualTo(KvmExit.X86_WRMSR);
    assertThat(get()).isEqualTo(42);
  }

  @Test
  void withoutTheInstructionsTheGuestHasItNotButUserSpaceHas() {
    cpuid(false, false, false);
    assertThat(set(41)).isTrue();

    assertThat(exit()).isEqualTo(KvmExit.X86_RDMSR);
    assertThat(vcpu.kvmRun().msrReason()).isEqualTo(VmOptions.MSR_INVALID);
    assertThat(exit()).as("the answer").isEqualTo(KvmExit.IO);
    assertThat(exit()).isEqualTo(KvmExit.X86_WRMSR);
    assertThat(vcpu.kvmRun().msrReason()).isEqualTo(VmOptions.MSR_INVALID);
    assertThat(get()).isEqualTo(41);
  }

  @Test
  void itsUpperHalfIsReservedOnIntelAndIgnoredOnAmd() {
    cpuid(true, true, false);
    assertThat(set(1L << 32)).isFalse();
    cpuid(true, true, true);
    assertThat(set(1L << 32 | 7)).isTrue();
    assertThat(get()).isEqualTo(7);
  }
}
