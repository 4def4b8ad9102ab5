package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.memory.Hpa;

/** Instructions that exit or need privilege: what exits, with which information, and who may. */
class PrivilegedInstructionTest {
  private static final int HLT = ExitReason.HLT.number();

  @ParameterizedTest
  @CsvSource({
    "CPUID, 0fa2",
    "HLT, f4",
    "INVD, 0f08",
    "WBINVD, 0f09",
    "VMCALL, 0f01c1",
    "RDMSR, 0f32",
    "WRMSR, 0f30",
    "MONITOR, 0f01c8",
    "MWAIT, 0f01c9",
    "RDPMC, 0f33",
    "TDCALL, 660f01cc",
    "XSETBV, 0f01d1",
  })
  void exitingInstructionsExitWithTheirLength(ExitReason reason, String code) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().tdMode = true;
      m.state().setCr(4, 0x406a0);
      assertThat(m.run(code)).isEqualTo(reason.number());
      assertThat(m.processor.exit().instructionLength).isEqualTo(code.length() / 2);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE);
      m.processor.skipInstruction();
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + code.length() / 2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RDTSC, 0f31",
    "RDTSCP, 0f01f9",
    "PAUSE, f390",
    "INVLPG, 0f0138",
    "MOV_DR, 0f21f8",
    "CONTROL_REGISTER, 0f20d8",
  })
  void optionalExitsFollowTheirControl(ExitReason reason, String code) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      assertThat(m.run(code + "f4")).isEqualTo(HLT);
      m.processor.controls().rdtscExiting = true;
      m.processor.controls().pauseExiting = true;
      m.processor.controls().invlpgExiting = true;
      m.processor.controls().movDrExiting = true;
      m.processor.controls().cr3Exiting = true;
      m.state().setRip(GuestMachine.CODE);
      assertThat(m.run()).isEqualTo(reason.number());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "f4",
        "0f08",
        "0f09",
        "0f32",
        "0f30",
        "0f20c0",
        "0f22c0",
        "0f21f8",
        "0f23f8",
        "0f06",
        "0f0138",
        "0f011425 00000400",
        "0f011c25 00000400",
        "0f00d0",
        "0f00d8",
        "0f01f0",
        "0f01f8",
        "480f07",
        "0f35",
        "fa",
        "fb",
        "e460",
        "ee",
        "6c",
        "660f01cc",
        "660f38820425 00000400",
      })
  void userCodeGetsGeneralProtection(String code) {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.processor.controls().tdMode = true;
      m.state().setMsr(Msrs.SYSENTER_CS, 8);
      m.run(code);
      assertThat(m.handledVector()).isEqualTo(13);
      assertThat(m.read64(m.state().gpr(CpuState.RSP))).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0f20c8", "0f20e8", "440f20c8", "0faa", "0f01ca", "0f01c8", "0f01c9", "0f01cf", "660f01cf",
        "0f37", "0f01c2", "0f01c3", "0f01c4", "0f78c0", "0f79c0", "660f3880 00", "0f01d0", "0f01ee",
        "f30faec0", "8ec8", "8ef0", "0f0bff", "0fc733", "f0f4",
      })
  void undefinedInstructionsInUserMode(String code) {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.run(code);
      assertThat(m.handledVector()).isEqualTo(6);
    }
  }

  @Test
  void tdcallWithoutATdIsUndefined() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.run("660f01cc");
      assertThat(m.handledVector()).isEqualTo(6);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "e460, 0x600048", "e560, 0x60004b", "66e560, 0x600049", "e660, 0x600040", "ec, 0x3f80008",
    "ee, 0x3f80000", "ed, 0x3f8000b", "6c, 0x3f80018", "f36f, 0x3f80033", "6e, 0x3f80010",
  })
  void portExitsCarryTheirQualification(String code, String qualification) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setGpr(CpuState.RDX, 0x3f8);
      m.state().setGpr(CpuState.RCX, 5);
      m.state().setGpr(CpuState.RDI, 0x40000);
      m.state().setGpr(CpuState.RSI, 0x41000);
      assertThat(m.run(code)).isEqualTo(ExitReason.IO.number());
      assertThat(m.processor.exit().qualification).isEqualTo((long) Integer.decode(qualification));
      boolean string = (Integer.decode(qualification) & 0x10) != 0;
      boolean in = (Integer.decode(qualification) & 8) != 0;
      assertThat(m.processor.exit().guestLinearAddress)
          .isEqualTo(!string ? 0 : in ? 0x40000 : 0x41000);
    }
  }

  @Test
  void repeatedPortInstructionWithZeroCountDoesNothing() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      assertThat(m.run("31c9 f36c f4")).isEqualTo(HLT);
    }
  }

  @Test
  void permissionBitmapLetsUserCodeUseAPort() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state()
          .setSegment(
              SegmentRegister.TR,
              new SegmentRegister(GuestMachine.TASK, GuestMachine.TSS, 0x100, 0x8b));
      m.host().write16(new Hpa(GuestMachine.TSS + 0x66), 0x68);
      m.bytes(GuestMachine.TSS + 0x68 + 0xc, "fe ff ff");
      assertThat(m.run("e460")).isEqualTo(ExitReason.IO.number());
      m.state().setRip(GuestMachine.CODE);
      m.run("e560");
      assertThat(m.handledVector()).as("four ports at once").isEqualTo(13);
    }
  }

  @Test
  void hostOwnedControlBitsExitOnlyWhenTheyDifferFromTheShadow() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().cr4Mask = 1 << 13;
      m.state().setCr(4, 0x26a0);
      // mov rax, cr4: the guest reads the shadow; writing it back changes nothing
      assertThat(m.run("0f20e0 0f22e0 0d00200000 0f22e0")).isEqualTo(28);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x26a0);
      assertThat(m.processor.exit().qualification).isEqualTo(4);
      assertThat(m.state().cr(4)).isEqualTo(0x26a0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0x80000000", "0, 0x20000011", "0, 0x100000011", "4, 0x8000", "4, 0x1000000000",
    "4, 0x680", "4, 0x16a0", "4, 0x806a0", "3, 0x10000000000000", "8, 0x10",
  })
  void illegalControlRegisterValuesFault(int register, String value) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setGpr(CpuState.RAX, Long.decode(value));
      m.run(register == 8 ? "440f22c0" : "0f22%02x".formatted(0xc0 | register << 3));
      assertThat(m.handledVector()).isEqualTo(13);
    }
  }

  @Test
  void smswAndSgdtFollowUmip() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.run("0f01e0 0f010425 00000400 0f0b");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().gpr(CpuState.RAX) & 0x8000_0033L).isEqualTo(0x8000_0033L);
      assertThat(m.host().read16(new Hpa(0x40000))).isEqualTo(0x5f);
      assertThat(m.read64(0x40002)).isEqualTo(GuestMachine.GDT);
    }
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state().setCr(4, 0xea0);
      m.run("0f01e0");
      assertThat(m.handledVector()).isEqualTo(13);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0xc0000080, 0x400, 13",
    "0xc0000080, 0xd01, -1",
    "0xc0000080, 0x801, 13",
    "0x277, 0x8, 13",
    "0x277, 0x2, 13",
    "0x277, 0x7, -1",
    "0x2ff, 0xc06, -1",
    "0x2ff, 0x1000, 13",
    "0xfe, 0x0, 13",
    "0x12345, 0x0, 13",
    "0xc0000103, 0x5, -1",
    "0x6e1, 0x1234, -1",
    "0x250, 0x6, -1",
    "0x250, 0x2, 13",
    "0xda0, 0x100, 13",
  })
  void msrWritesAreChecked(String msr, String value, int vector) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().msrPolicy = (index, write) -> false;
      m.state().setGpr(CpuState.RCX, Long.decode(msr));
      m.state().setGpr(CpuState.RAX, Long.decode(value));
      assertThat(m.run("0f30 0f32 f4") == HLT).isEqualTo(vector == -1);
      assertThat(m.handledVector()).isEqualTo(vector);
      if (vector == -1) {
        assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(Long.decode(value));
      }
    }
  }

  @Test
  void guestTscIsScaledAndOffset() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().tscMultiplier = 3L << 48;
      m.processor.controls().tscOffset = 1_000_000;
      m.run("0f31 f4");
      long first = m.state().gpr(CpuState.RAX);
      assertThat(first).isGreaterThan(1_000_000);
      assertThat((first - 1_000_000) % 3).isZero();
      m.state().setRip(GuestMachine.CODE);
      m.run();
      assertThat(m.state().gpr(CpuState.RAX) - first).isEqualTo(3);
    }
  }

  @Test
  void segmentBaseInstructionsNeedTheirControl() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state().setCr(4, 0x106a0);
      m.state().setGpr(CpuState.RAX, 0x40000);
      // wrfsbase rax; mov rbx, fs:[8]; rdfsbase rcx
      m.write64(0x40008, 77);
      m.run("f3480faed0 64488b1c2508000000 f3480faec1 0f0b");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(77);
      assertThat(m.state().gpr(CpuState.RCX)).isEqualTo(0x40000);
    }
  }

  @Test
  void stacAndClacGovernUserPages() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.write64(0x40000, 5);
      m.state().setGpr(CpuState.RSP, 0x4000_0000L);
      long pages = GuestMachine.TABLES + 0x2000;
      m.write64(pages, 0x83);
      m.write64(pages + 8, 0x20_0087);
      m.write64(0x20_0000, 6);
      m.state().setCr(4, 0x2006a0);
      m.state().setGpr(CpuState.RSP, GuestMachine.STACK);
      m.run("0f01cb 8b042500002000 0f01ca 8b1c2500002000 f4");
      assertThat(m.handledVector()).isEqualTo(14);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(6);
      assertThat(m.state().gpr(CpuState.RBX)).isZero();
      assertThat(m.read64(m.state().gpr(CpuState.RSP))).isEqualTo(1);
    }
  }

  @Test
  void protectionKeyRightsAreReadAndWritten() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state().setCr(4, 0x4006a0);
      m.state().setGpr(CpuState.RAX, 0x55555550L);
      m.run("0f01ef 31c0 0f01ee 0f0b");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x55555550L);
    }
  }
}
