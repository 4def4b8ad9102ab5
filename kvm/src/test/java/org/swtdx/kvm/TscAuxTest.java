package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.msr;
import static org.swtdx.kvm.Vcpus.setMsr;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmExit;

/** IA32_TSC_AUX: the guest has it with RDTSCP or RDPID, user space always. */
class TscAuxTest {
  private static final int TSC_AUX = 0xc000_0103;
  private static final int RDTSCP = 1 << 27, RDPID = 1 << 22;

  /** mov ecx,0xc0000103; rdmsr; out 0x80,eax; inc eax; wrmsr; inc edx; wrmsr. */
  private static final String CODE =
      "66b9030100c0" + "0f32" + "66e780" + "6640" + "0f30" + "6642" + "0f30";

  @AutoClose
  private final OrdinaryVm guest =
      new OrdinaryVm().enable(KvmCap.X86_USER_SPACE_MSR, 7).code(0x1000, CODE);

  private final KvmVcpu vcpu = guest.vcpuAt(0, 0x1000);

  private void cpuid(boolean rdtscp, boolean rdpid, boolean amd) {
    KvmCpuid2 list = guest.supportedCpuid();
    int extended = list.find(0x8000_0001, 0);
    list.edx(extended, list.edx(extended) & ~RDTSCP | (rdtscp ? RDTSCP : 0));
    int structured = list.find(7, 0);
    list.ecx(structured, list.ecx(structured) & ~RDPID | (rdpid ? RDPID : 0));
    if (amd) {
      list.ebx(0, 0x6874_7541).edx(0, 0x6974_6e65).ecx(0, 0x444d_4163);
    }
    assertThat(vcpu.setCpuid2(list)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true", "true, true"})
  void theGuestHasItWithEitherInstruction(boolean rdtscp, boolean rdpid) {
    cpuid(rdtscp, rdpid, false);
    assertThat(setMsr(vcpu, TSC_AUX, 41)).isTrue();

    assertThat(exit(vcpu, KvmExit.IO).ioData32(0)).isEqualTo(41);
    exit(vcpu, KvmExit.X86_WRMSR); // a reserved bit
    assertThat(msr(vcpu, TSC_AUX)).isEqualTo(42);
  }

  @Test
  void withoutTheInstructionsTheGuestHasItNotButUserSpaceHas() {
    cpuid(false, false, false);
    assertThat(setMsr(vcpu, TSC_AUX, 41)).isTrue();

    assertThat(exit(vcpu, KvmExit.X86_RDMSR).msrReason()).isEqualTo(VmOptions.MSR_INVALID);
    exit(vcpu, KvmExit.IO); // the answer
    assertThat(exit(vcpu, KvmExit.X86_WRMSR).msrReason()).isEqualTo(VmOptions.MSR_INVALID);
    assertThat(msr(vcpu, TSC_AUX)).isEqualTo(41);
  }

  @Test
  void itsUpperHalfIsReservedOnIntelAndIgnoredOnAmd() {
    cpuid(true, true, false);
    assertThat(setMsr(vcpu, TSC_AUX, 1L << 32)).isFalse();
    cpuid(true, true, true);
    assertThat(setMsr(vcpu, TSC_AUX, 1L << 32 | 7)).isTrue();
    assertThat(msr(vcpu, TSC_AUX)).isEqualTo(7);
  }
}
