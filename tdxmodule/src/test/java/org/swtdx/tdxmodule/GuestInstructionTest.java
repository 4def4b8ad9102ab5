package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.virt.TdCpuid;

/** What instructions do that a TD may not, or not fully, execute itself. */
class GuestInstructionTest {
  private static final int TDCALL = 77;
  private static final int UD = 6;
  private static final int DF = 8;
  private static final int GP = 13;
  private static final int VE = 20;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "HLT, f4, 12, 1",
    "IN AL 0x80, e480, 30, 2",
    "OUT DX, ee, 30, 1",
    "INVD, 0f08, 13, 2",
    "WBINVD, 0f09, 54, 2",
    "VMCALL, 0f01c1, 18, 3",
    "CPUID leaf 0x40000000, b800000040 0fa2, 10, 2",
    "CPUID leaf 6, b806000000 0fa2, 10, 2",
    "CPUID topology, b80b000000 0fa2, 10, 2",
    "RDMSR APIC_BASE, b91b000000 0f32, 31, 2",
    "WRMSR MTRR, b900020000 0f30, 32, 2",
    "RDMSR out of range, b900564d4b 0f32, 31, 2",
    "WRMSR EFER.NXE off, b9800000c0 0f32 0d00040000 25fff7ffff 0f30, 32, 2",
    "WRMSR TSC, b910000000 0f30, 32, 2",
    "MOV CR4 sets VMXE, 0f20e0 0d00200000 0f22e0, 28, 3",
    "MOV CR4 sets SMXE, 0f20e0 0d00400000 0f22e0, 28, 3",
    "MOV CR4 clears MCE, 0f20e0 83e0bf 0f22e0, 28, 3",
    "WRMSR DEBUGCTL TR and RTM, b9d9010000 b840800000 31d2 0f30, 32, 2",
    "MOV CR0 sets CD, 0f20c0 0d00000040 0f22c0, 28, 3",
    "MOV CR0 sets NW without CD, 0f20c0 0d00000020 0f22c0, 28, 3",
  })
  void raisesVe(String what, String code, int reason, int length) {
    GuestCode guest = new GuestCode().hex(code);
    long at = GuestTd.CODE + guest.length() - length;
    try (GuestTd td = new GuestTd(guest.report())) {
      SeamRegisters regs = runToException(td, VE);
      assertThat(regs.r12).isEqualTo(reason);
      assertThat(regs.rbx).as("RIP is not advanced").isEqualTo(at);
      assertThat(regs.r10 & 0xffff_ffffL).as("instruction length").isEqualTo(length);
      assertThat(regs.r8).as("GLA").isZero();
      assertThat(regs.r9).as("GPA").isZero();
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "RDMSR SGXLEPUBKEYHASH0, b98c000000 0f32",
    "WRMSR VMX_BASIC, b980040000 0f30",
    "RDMSR TSC_DEADLINE, b9e0060000 0f32",
    "WRMSR XSS of a feature not in XFAM, b9a00d0000 b800010000 31d2 0f30",
    "XSETBV beyond XFAM, 0f20e0 0d00000400 0f22e0 31c9 b807020000 31d2 0f01d1",
    "XSETBV without x87, 0f20e0 0d00000400 0f22e0 31c9 b802000000 31d2 0f01d1",
    "RDPMC, 31c9 0f33",
    "MOV CR4 sets PKS that ATTRIBUTES lack, 0f20e0 0d00000001 0f22e0",
    "MOV CR4 sets PKE that XFAM lacks, 0f20e0 0d00004000 0f22e0",
    "MOV CR4 sets bit 15, 0f20e0 0d00800000 0f22e0",
    "MOV CR0 clears NE, 0f20c0 83e0df 0f22c0",
    "WRMSR DEBUGCTL TR and a reserved bit, b9d9010000 b840000100 31d2 0f30",
  })
  void raisesGp(String what, String code) {
    try (GuestTd td = new GuestTd(new GuestCode().hex(code).report())) {
      SeamRegisters regs = runToException(td, GP);
      assertThat(regs.r14).as("error code").isZero();
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "VMLAUNCH, 0f01c2",
    "VMXOFF, 0f01c4",
    "GETSEC, 0f37",
    "RSM, 0faa",
    "SEAMCALL, 660f01cf",
    "MONITOR, 0f01c8",
    "MWAIT, 0f01c9",
  })
  void raisesUd(String what, String code) {
    try (GuestTd td = new GuestTd(new GuestCode().hex(code).report())) {
      runToException(td, UD);
    }
  }

  @Test
  void aFeatureThatCpuidHidesKeepsItsBitInCr4() {
    int umip = 0x800;
    SeamRegisters regs =
        reportAfter(
            new GuestCode()
                .hex("b807000000 31c9 0fa2")
                .move(8, GuestCode.RCX)
                .hex("0f20e0 0d00080000 0f22e0 0f20e0")
                .move(9, GuestCode.RAX));

    assertThat(regs.r8 & 1 << 2).as("CPUID.UMIP").isZero();
    assertThat(regs.r9 & umip).isEqualTo(umip);
  }

  @Test
  void reservedBitsOfCr0AreIgnored() {
    SeamRegisters regs =
        reportAfter(
            new GuestCode()
                .hex("0f20c0 0d40000800 0f22c0 0f20c0") // bits 6 and 19
                .move(8, GuestCode.RAX));

    assertThat(regs.r8 & 0x8_0040).isZero();
  }

  @Test
  void cpuidAnswersWithTheVirtualValue() {
    SeamRegisters regs =
        reportAfter(
            new GuestCode()
                .hex("b821000000 31c9 0fa2")
                .move(8, GuestCode.RBX)
                .move(9, GuestCode.RDX)
                .move(10, GuestCode.RCX));

    assertThat(regs.r8).isEqualTo(0x65746e49);
    assertThat(regs.r9).isEqualTo(0x5844546c);
    assertThat(regs.r10).isEqualTo(0x20202020);
  }

  @Test
  void guestCanAskForVeOnEveryCpuid() {
    GuestCode code = new GuestCode().leaf(5, 1).hex("31c0 0fa2").report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(runToException(td, VE).r12).isEqualTo(10);
    }
  }

  @Test
  void guestCanAskForVeOnOneCpuidLeaf() {
    long control = VcpuFields.TABLE.idOf("CPUID_CONTROL") + TdCpuid.controlSlot(1, 0);
    GuestCode code =
        new GuestCode()
            .leaf(10, 0, control, 1, 1)
            .hex("31c0 0fa2") // leaf 0 is answered
            .move(14, GuestCode.RAX)
            .hex("b801000000 0fa2")
            .report();
    try (GuestTd td = new GuestTd(code)) {
      SeamRegisters regs = runToException(td, VE);
      assertThat(regs.r12).isEqualTo(10);
      assertThat(regs.r14).isEqualTo(0x23);
    }
  }

  @Test
  void moduleAnswersItsMsrs() {
    GuestCode code =
        new GuestCode()
            .hex("b90a010000 0f32") // IA32_ARCH_CAPABILITIES
            .move(8, GuestCode.RAX)
            .hex("b9a0010000 0f32") // IA32_MISC_ENABLE
            .move(9, GuestCode.RAX)
            .hex("b9800000c0 0f32") // EFER
            .move(10, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(td.host.regs.r8).isEqualTo(td.vcpu().td().archCapabilities() & 0xffff_ffffL);
      assertThat(td.host.regs.r9 & 1 << 12).as("PEBS unavailable").isNotZero();
      assertThat(td.host.regs.r10).isEqualTo(0xd01);
    }
  }

  @Test
  void xsetbvLoadsFeaturesOfXfam() {
    SeamRegisters regs =
        reportAfter(
            new GuestCode()
                .hex("0f20e0 0d00000400 0f22e0") // CR4.OSXSAVE
                .hex("31c9 b807000000 31d2 0f01d1 31c0 0f01d0") // XSETBV, XGETBV
                .move(8, GuestCode.RAX));

    assertThat(regs.r8).isEqualTo(7);
  }

  @Test
  void shadowsHideTheModulesControlBits() {
    SeamRegisters regs =
        reportAfter(
            new GuestCode()
                .hex("0f20e0")
                .move(8, GuestCode.RAX)
                .hex("0f20c0")
                .move(9, GuestCode.RAX));

    assertThat(regs.r8).as("MCE and PAE, no VMXE").isEqualTo(0x60);
    assertThat(regs.r9).as("PG, NE, ET, PE").isEqualTo(0x80000031L);
  }

  @Test
  void secondVeBeforeTheFirstWasTakenIsADoubleFault() {
    // HLT inside a #VE handler that has not asked for its information yet.
    GuestCode code = new GuestCode().set(GuestCode.RAX, GuestTd.HANDLERS + 20 * 64);
    code.hex("c600f4 f4 f4"); // MOV BYTE [RAX], HLT; then raise #VE
    try (GuestTd td = new GuestTd(code)) {
      runToException(td, DF);
    }
  }

  @Test
  void tdcallInCompatibilityModeIsAGeneralProtectionFault() {
    GuestCode code =
        new GuestCode()
            .hex("6a18 68")
            .imm32(GuestTd.CODE + 0x40)
            .hex("48cb"); // RETFQ to a 32-bit segment
    while (code.length() < 0x40) {
      code.hex("90");
    }
    code.hex("b801000000 660f01cc");
    try (GuestTd td = new GuestTd(code)) {
      SeamRegisters regs = runToException(td, GP);
      assertThat(regs.rbx).isEqualTo(GuestTd.CODE + 0x45);
      assertThat(regs.r14).isZero();
    }
  }

  /** What the guest reports once it ran {@code code}. */
  private static SeamRegisters reportAfter(GuestCode code) {
    try (GuestTd td = new GuestTd(code.report())) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      return td.host.regs;
    }
  }

  private static SeamRegisters runToException(GuestTd td, int vector) {
    assertThat(td.enter()).isEqualTo(TDCALL);
    assertThat(td.host.regs.r15).as("vector").isEqualTo(vector);
    return td.host.regs;
  }
}
