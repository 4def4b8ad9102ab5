package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.sregs;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmXcrs;
import org.swtdx.kvm.uapi.KvmXsave;

/** KVM_GET_XSAVE, KVM_GET_XSAVE2, KVM_SET_XSAVE, KVM_GET_FPU, KVM_SET_FPU and KVM_SET_XCRS. */
class ExtendedStateTest {
  /**
   * Real mode: CR4.OSFXSR; movd xmm1 with 0x200; ldmxcsr [0x3000]; fld1; out. Then xmm1 to AL; out.
   * Then stmxcsr [0x3010]; fstp dword [0x3014]; out.
   */
  private static final String CODE =
      "66b8000200000f22e0660f6ec80fae160030d9e8e680660f7ec8e6800fae1e1030d91e1430e680";

  /** The second part of it, where the state is used. */
  private static final long USE = 0x1000 + 22;

  private static final int MXCSR = 6, XMM1 = 44, SOFTWARE = 116, HEADER = 128, AVX = 144;
  private static final int PKRU = 672;
  private static final int X87_IN_USE = 1, SSE_IN_USE = 2, AVX_IN_USE = 4, PKRU_IN_USE = 1 << 9;
  private static final int SUPPORTED = 0x207;
  private static final int ROUND_DOWN = 0x3f80;

  @AutoClose private final OrdinaryVm guest = new OrdinaryVm().code(0x1000, CODE);
  private final KvmVcpu vcpu = newVcpu(0, 0x1000);

  @BeforeEach
  void memoryHasTheControlWord() {
    guest.store(0x3000, 4, ROUND_DOWN);
  }

  private KvmVcpu newVcpu(int id, long rip) {
    KvmVcpu made = guest.vcpuAt(id, rip);
    assertThat(made.setSregs(sregs(made).cr4(0x200))).isZero();
    return made;
  }

  /** Everything that a guest can have, as far as leaf 0xD goes limited to some components. */
  private void setCpuid(KvmVcpu vcpu, int components) {
    KvmCpuid2 list = guest.supportedCpuid();
    assertThat(vcpu.setCpuid2(list.eax(list.find(0xd, 0), components))).isZero();
  }

  private static int out(KvmVcpu vcpu) {
    return exit(vcpu, KvmExit.IO).ioData8(0);
  }

  private static KvmXsave xsave(KvmVcpu vcpu) {
    KvmXsave image = new KvmXsave();
    assertThat(vcpu.getXsave(image)).isZero();
    return image;
  }

  private long xcr0() {
    KvmXcrs xcrs = new KvmXcrs();
    assertThat(vcpu.getXcrs(xcrs)).isZero();
    return xcrs.value(0);
  }

  @Test
  void whatTheGuestLeftInXmmRegistersIsSavedWhileXcr0HasX87Only() {
    out(vcpu);
    assertThat(xcr0()).isEqualTo(1);

    KvmXsave image = xsave(vcpu);

    assertThat(image.region(HEADER)).isEqualTo(X87_IN_USE | SSE_IN_USE);
    assertThat(image.region(XMM1)).isEqualTo(0x200);
    assertThat(image.region(MXCSR)).isEqualTo(ROUND_DOWN);
    assertThat(image.region(SOFTWARE)).as("what the host has").isEqualTo(SUPPORTED);
    long at = guest.memory.mmap(4096);
    assertThat(guest.process.ioctl(vcpu.fd(), KvmIoctl.GET_XSAVE2, at)).isZero();
    assertThat(guest.memory.load(at + 4 * XMM1, 4)).isEqualTo(0x200);
  }

  @Test
  void anotherVcpuGoesOnWithTheStateOfTheFirst() {
    out(vcpu);
    KvmVcpu second = newVcpu(1, USE);

    assertThat(second.setXsave(xsave(vcpu))).isZero();

    assertThat(out(second)).isZero(); // the low byte of 0x200
    out(second);
    assertThat(guest.load(0x3010, 4)).isEqualTo(ROUND_DOWN);
    assertThat(Float.intBitsToFloat((int) guest.load(0x3014, 4))).isEqualTo(1f);
  }

  @Test
  void theFpuIsGivenWithoutMxcsr() {
    out(vcpu);
    KvmFpu fpu = new KvmFpu();
    assertThat(vcpu.getFpu(fpu)).isZero();
    assertThat(fpu.mxcsr()).isZero();
    assertThat(fpu.ftwx()).as("one register").isEqualTo(0x80);

    KvmVcpu second = newVcpu(1, USE);
    assertThat(second.setFpu(fpu.mxcsr(ROUND_DOWN))).isZero();

    KvmXsave image = xsave(second);
    assertThat(image.region(XMM1)).isEqualTo(0x200);
    assertThat(image.region(MXCSR)).isEqualTo(0x1f80);
    out(second);
    out(second);
    assertThat(Float.intBitsToFloat((int) guest.load(0x3014, 4))).isEqualTo(1f);
  }

  @Test
  void onlyComponentsOfTheGuestsCpuidAreShown() {
    KvmXsave image = new KvmXsave().region(HEADER, SUPPORTED & ~1).region(MXCSR, 0x1f80);
    image.region(XMM1, 1).region(AVX, 2).region(PKRU, 3);
    assertThat(vcpu.setXsave(image)).isZero();

    assertThat(xsave(vcpu).region(HEADER)).as("without CPUID").isEqualTo(SSE_IN_USE);
    assertThat(xsave(vcpu).region(AVX)).isZero();
    setCpuid(vcpu, X87_IN_USE | SSE_IN_USE | AVX_IN_USE);
    assertThat(xsave(vcpu).region(HEADER)).isEqualTo(SSE_IN_USE | AVX_IN_USE);
    assertThat(xsave(vcpu).region(AVX)).isEqualTo(2);
    assertThat(xsave(vcpu).region(PKRU)).isZero();
    setCpuid(vcpu, SUPPORTED);
    assertThat(xsave(vcpu).region(HEADER)).isEqualTo(SUPPORTED & ~1);
    assertThat(xsave(vcpu).region(PKRU)).isEqualTo(3);
  }

  @Test
  void pkruStaysIfTheImageHasNone() {
    setCpuid(vcpu, SUPPORTED);
    assertThat(vcpu.setXsave(new KvmXsave().region(HEADER, PKRU_IN_USE).region(PKRU, 5))).isZero();

    assertThat(vcpu.setXsave(new KvmXsave())).isZero();

    assertThat(xsave(vcpu).region(PKRU)).isEqualTo(5);
    assertThat(xsave(vcpu).region(HEADER)).isEqualTo(PKRU_IN_USE);
  }

  @Test
  void anImageThatTheHostCannotLoadIsRefused() {
    assertThat(vcpu.setXsave(new KvmXsave().region(HEADER, 1 << 5))).isEqualTo(-EINVAL);
    assertThat(vcpu.setXsave(new KvmXsave().region(HEADER + 2, 1))).isEqualTo(-EINVAL);
    assertThat(vcpu.setXsave(new KvmXsave().region(HEADER + 15, 1))).isEqualTo(-EINVAL);
    KvmXsave reserved = new KvmXsave().region(MXCSR, 0x10000);
    assertThat(vcpu.setXsave(reserved)).as("MXCSR is not looked at").isZero();
    assertThat(vcpu.setXsave(reserved.region(HEADER, X87_IN_USE))).isEqualTo(-EINVAL);
  }

  @Test
  void xcr0IsWhatTheGuestsCpuidAllows() {
    KvmXcrs xcrs = new KvmXcrs().nrXcrs(1).value(0, 7);
    assertThat(vcpu.setXcrs(xcrs)).as("without CPUID").isEqualTo(-EINVAL);
    setCpuid(vcpu, 7);
    assertThat(vcpu.setXcrs(xcrs)).isZero();
    assertThat(xcr0()).isEqualTo(7);
    assertThat(vcpu.setXcrs(xcrs.value(0, 5))).as("AVX without SSE").isEqualTo(-EINVAL);
    assertThat(vcpu.setXcrs(xcrs.value(0, 0x203))).as("PKRU").isEqualTo(-EINVAL);
    assertThat(vcpu.setXcrs(xcrs.xcr(0, 1).value(0, 0x203))).as("others do nothing").isZero();
    assertThat(xcr0()).isEqualTo(7);
  }

  /** A VMM writes back the image that it read, without PKRU if it knows of none. */
  @ParameterizedTest
  @CsvSource({"0, 0, 0", "8, 2432, 608", "8, 3, 672", "8, 4092, 672"})
  void imagesHavePkruWhereTheVmmsCpuidSays(int size, int offset, int word) {
    assertThat(vcpu.setXsave(new KvmXsave().region(HEADER, PKRU_IN_USE).region(PKRU, 5))).isZero();
    KvmCpuid2 list = guest.supportedCpuid();
    int pkru = list.find(0xd, 9);
    assertThat(vcpu.setCpuid2(list.eax(pkru, size).ebx(pkru, offset))).isZero();

    KvmXsave image = xsave(vcpu);
    assertThat(image.region(HEADER) & PKRU_IN_USE).isEqualTo(word == 0 ? 0 : PKRU_IN_USE);
    for (int i = AVX; i < KvmXsave.SIZE / Integer.BYTES; i++) {
      assertThat(image.region(i)).as("word %d", i).isEqualTo(i == word ? 5 : 0);
    }
    image.region(PKRU, word == PKRU ? 7 : 0);
    if (word != 0) {
      image.region(word, 7);
    }
    assertThat(vcpu.setXsave(image)).isZero();

    assertThat(vcpu.setCpuid2(guest.supportedCpuid())).isZero();
    assertThat(xsave(vcpu).region(PKRU)).isEqualTo(word == 0 ? 5 : 7);
  }

  /** QEMU says of PKRU what the CPUID instruction of the machine below says: nothing, or 2432. */
  @ParameterizedTest
  @CsvSource({"0, 0", "8, 2432"})
  void theLayoutOfXsaveAreasIsTheProcessorsWhateverTheGuestsCpuidSays(int size, int offset) {
    // mov eax, 0xd; mov ecx, 9; cpuid; shr bx, 4; mov al, bl; out 0x80, al
    guest.code(0x1100, "66b80d00000066b9090000000fa2c1eb0488d8e680");
    KvmCpuid2 list = guest.supportedCpuid();
    int pkru = list.find(0xd, 9);
    assertThat(vcpu.setCpuid2(list.eax(pkru, size).ebx(pkru, offset))).isZero();
    assertThat(vcpu.setXcrs(new KvmXcrs().nrXcrs(1).value(0, SUPPORTED))).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1100).rflags(2))).isZero();

    assertThat(out(vcpu)).isEqualTo(PKRU * Integer.BYTES >>> 4 & 0xff);

    KvmCpuid2 read = new KvmCpuid2(list.nent());
    assertThat(vcpu.getCpuid2(read)).isZero();
    assertThat(read.eax(pkru)).isEqualTo(8);
    assertThat(read.ebx(pkru)).isEqualTo(PKRU * Integer.BYTES);
    assertThat(read.ebx(read.find(0xd, 0))).as("all of it").isEqualTo(PKRU * Integer.BYTES + 8);
    assertThat(vcpu.setCpuid2(list)).as("the same again").isZero();
    assertThat(vcpu.setCpuid2(list.eax(list.find(0xd, 0), 3).eax(pkru, 8))).isEqualTo(-EINVAL);
  }
}
