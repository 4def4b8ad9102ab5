package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.msr;
import static org.swtdx.kvm.Vcpus.setMsr;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmRegs;

/** Which values the guest and user space may read from and write to MSRs of ordinary vCPUs. */
class GuestMsrsTest {
  private static final long CODE = 0x1000;
  private static final int STRUCTURED = 7;
  private static final int NONE = 0, INVALID = 1, UNKNOWN = 2;

  @AutoClose
  private final OrdinaryVm guest =
      new OrdinaryVm()
          .enable(KvmCap.X86_USER_SPACE_MSR, 7)
          .code(CODE, "0f32e6800f30e680"); // rdmsr; out 0x80,al; wrmsr; out 0x80,al

  private final KvmVcpu vcpu = guest.vcpuAt(0, CODE);

  @BeforeEach
  void theGuestHasAllFeatures() {
    assertThat(vcpu.setCpuid2(guest.supportedCpuid())).isZero();
  }

  private boolean set(int msr, long value) {
    return setMsr(vcpu, msr, value);
  }

  private long get(int msr) {
    return msr(vcpu, msr);
  }

  /** Has the guest execute RDMSR or WRMSR; returns why it failed, NONE if it did not. */
  private int reasonOf(boolean write, int msr, long value) {
    KvmRegs regs = new KvmRegs().rip(CODE + (write ? 4 : 0)).rflags(2).rcx(msr & 0xffff_ffffL);
    assertThat(vcpu.setRegs(regs.rax(value & 0xffff_ffffL).rdx(value >>> 32))).isZero();
    assertThat(vcpu.run()).isZero();
    int reason = vcpu.kvmRun().exitReason();
    if (reason == KvmExit.IO) {
      return NONE;
    }
    assertThat(reason).isEqualTo(write ? KvmExit.X86_WRMSR : KvmExit.X86_RDMSR);
    int why = vcpu.kvmRun().msrReason();
    exit(vcpu, KvmExit.IO); // user space answered
    return why;
  }

  @ParameterizedTest
  @CsvSource({
    "0x179, 0x1000120, false", // MCG_CAP is read-only
    "0x17b, 0, true",
    "0x17b, -1, false", // without MCG_CTL_P
    "0x17a, 5, true",
    "0x400, -1, true",
    "0x400, -1026, true", // bits 0 and 10 may be clear
    "0x400, 5, false",
    "0x401, 5, true",
    "0x280, 1, false", // no corrected-error interrupts
    "0xfe, 0x508, false", // MTRRCAP is read-only
    "0x2ff, 0xc06, true",
    "0x2ff, 0x1006, false",
    "0x2ff, 2, false",
    "0x250, 0x0606060606060606, true",
    "0x250, 0x0602060606060606, false",
    "0x200, 0x80000006, true",
    "0x200, 0x80000002, false",
    "0x201, 0xfff800, true",
    "0x201, 0xfff400, false",
    "0x277, 0x0007040600070406, true",
    "0x277, 0x0007040600070402, false",
    "0x3a, 5, true",
    "0x3a, 8, false",
    "0x48, 1, true",
    "0x48, 0x800, false",
    "0x49, 1, true",
    "0x49, 2, false",
    "0x140, 1, true",
    "0x140, 2, false",
    "0x1a0, 0, true",
    "0x1d9, 3, true",
    "0x1d9, 8, false",
    "0x1db, 0, true",
    "0x1db, 1, false",
    "0x345, 0, true",
    "0x345, 1, false",
    "0x10a, 1, true",
    "0xce, 0, true",
    "0xc0000080, 0x901, true",
    "0xc0000080, 0x1000, false",
    "0xc0000082, 0x7fffffffffff, true",
    "0xc0000082, 0x4000000000000000, false",
    "0xc0010015, 0x1000148, true",
    "0xc0010015, 1, false",
    "0xc0010058, 0, true",
    "0xc0010058, 1, false",
    "0xdead, 0, false",
  })
  void userSpaceWrites(String msr, String value, boolean taken) {
    assertThat(set(Long.decode(msr).intValue(), Long.decode(value))).isEqualTo(taken);
  }

  @ParameterizedTest
  @CsvSource({
    "0xce, 0, 1",
    "0x10a, 0, 2",
    "0x3a, 1, 0",
    "0x3a, 4, 1",
    "0x17b, 0, 1",
    "0x401, 0, 0",
    "0x401, 1, 1",
    "0x2a, 0, 2",
    "0x8b, 7, 0",
    "0x34, 0, 1",
    "0x1a0, 0x1880, 0",
    "0x1a0, 0, 1",
    "0xfe, 0, 2",
    "0x2ff, 0x806, 0",
    "0xc001001f, 7, 0",
    "0xdead, 0, 2",
  })
  void theGuestWrites(String msr, String value, int why) {
    assertThat(reasonOf(true, Long.decode(msr).intValue(), Long.decode(value))).isEqualTo(why);
  }

  @ParameterizedTest
  @CsvSource({
    "0x17b, 1",
    "0x280, 1",
    "0x10a, 0",
    "0x345, 2",
    "0x198, 0",
    "0x11e, 0",
    "0x4d0, 2",
    "0xdead, 2",
  })
  void theGuestReads(String msr, int why) {
    assertThat(reasonOf(false, Long.decode(msr).intValue(), 0)).isEqualTo(why);
  }

  @Test
  void whatTheLockedFeatureControlHasStays() {
    assertThat(reasonOf(true, 0x3a, 1)).isEqualTo(NONE);
    assertThat(reasonOf(true, 0x3a, 1)).isEqualTo(INVALID);
    assertThat(set(0x3a, 5)).as("user space").isTrue();
    assertThat(get(0x3a)).isEqualTo(5);
  }

  @Test
  void performanceMonitoringCannotBeSwitchedByTheGuest() {
    assertThat(reasonOf(true, 0x1a0, 0x1881)).isEqualTo(NONE);
    assertThat(get(0x1a0)).isEqualTo(0x1801);
  }

  @Test
  void withoutFeaturesInCpuidTheirMsrsAreNotTheGuests() {
    KvmCpuid2 list = guest.supportedCpuid();
    int at = list.find(STRUCTURED, 0);
    assertThat(vcpu.setCpuid2(list.edx(at, 0).ebx(at, 0))).isZero();

    assertThat(reasonOf(false, 0x48, 0)).isEqualTo(INVALID);
    assertThat(reasonOf(true, 0x49, 1)).isEqualTo(INVALID);
    assertThat(reasonOf(true, 0x10b, 1)).isEqualTo(INVALID);
    assertThat(reasonOf(false, 0x10a, 0)).isEqualTo(UNKNOWN);
    assertThat(set(0x48, 1)).as("user space has it").isTrue();
    assertThat(set(0x10a, 1)).isFalse();
    assertThat(get(0x10a)).isZero();
    assertThat(set(0x3b, 77)).as("TSC_ADJUST does nothing").isTrue();
    assertThat(get(0x3b)).isZero();
  }

  @Test
  void featureMsrsAreFixedOnceTheVcpuRan() {
    assertThat(set(0xce, 0)).isTrue();
    assertThat(reasonOf(false, 0x10, 0)).isEqualTo(NONE);

    assertThat(set(0xce, 1L << 31)).isFalse();
    assertThat(set(0xce, 0)).as("the same").isTrue();
    assertThat(set(0x8b, 5)).as("the microcode revision").isTrue();
  }

  @Test
  void cpuidDecidesAboutTheClockIfUserSpaceWantsItTo() {
    KvmCpuid2 list = guest.supportedCpuid();
    int features = list.find(0x4000_0001, 0);
    assertThat(vcpu.setCpuid2(list.eax(features, 1 << 3))).isZero();
    assertThat(reasonOf(false, 0x12, 0)).isEqualTo(NONE);

    KvmEnableCap enforce = KvmEnableCap.of(KvmCap.ENFORCE_PV_FEATURE_CPUID, 1);
    assertThat(guest.ioctl(vcpu.fd(), KvmIoctl.ENABLE_CAP, enforce)).isZero();

    assertThat(reasonOf(false, 0x12, 0)).isEqualTo(UNKNOWN);
    assertThat(reasonOf(true, 0x11, 0)).isEqualTo(UNKNOWN);
    assertThat(reasonOf(false, 0x4b56_4d01, 0)).isEqualTo(NONE);
    assertThat(get(0x12)).as("user space is told of it").isZero();
  }
}
