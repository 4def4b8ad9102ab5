package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VeInformation;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.seam.PhysicalBus;

/** EPT violations and misconfigurations, #VE, machine checks. */
class SecondLevelTest {
  private static final int VIOLATION = ExitReason.EPT_VIOLATION.number();

  /** Access of the instruction, permissions of the entries, and the exit qualification. */
  @ParameterizedTest
  @CsvSource({
    "8b0425 10000400, 1, 0x00, 0x181",
    "890425 10000400, 2, 0x08, 0x18a",
    "890425 10000400, 2, 0x28, 0x1aa",
    "e9 0b000300, 4, 0x18, 0x19c",
  })
  void violationsReportAccessAndPermissions(
      String code, int access, String permissions, String qualification) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.refuse(0x40000, access).permissions = Integer.decode(permissions);
      assertThat(m.run(code)).isEqualTo(VIOLATION);
      assertThat(m.processor.exit().qualification).isEqualTo((long) Integer.decode(qualification));
      assertThat(m.processor.exit().guestPhysicalAddress).isEqualTo(0x40010);
      assertThat(m.processor.exit().guestLinearAddress).isEqualTo(0x40010);
      if (access != 4) {
        assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE);
        assertThat(m.processor.exit().instructionLength).isEqualTo(7);
      }
    }
  }

  @Test
  void violationOfAPagingStructureIsNotTheFinalAccess() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.run("f4");
      m.processor.flushTranslations();
      m.refuse(GuestMachine.TABLES + 0x2000, 1);
      assertThat(m.run()).isEqualTo(VIOLATION);
      assertThat(m.processor.exit().qualification & 0x1ff).isEqualTo(0x81);
      assertThat(m.processor.exit().guestPhysicalAddress).isEqualTo(GuestMachine.TABLES + 0x2000);
    }
  }

  @Test
  void accessContinuesOnceThePageIsThere() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.write64(0x40010, 0x1234);
      m.refuse(0x40000, 7);
      assertThat(m.run("8b0425 10000400 f4")).isEqualTo(VIOLATION);
      m.faults.clear();
      assertThat(m.run()).isEqualTo(ExitReason.HLT.number());
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x1234);
    }
  }

  @Test
  void misconfigurationHasItsOwnReason() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.refuse(0x40000, 7).misconfiguration = true;
      assertThat(m.run("8b0425 10000400")).isEqualTo(ExitReason.EPT_MISCONFIGURATION.number());
      assertThat(m.processor.exit().guestPhysicalAddress).isEqualTo(0x40010);
    }
  }

  @Test
  void convertibleViolationBecomesAVirtualizationException() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().eptViolationVe = true;
      EptFault fault = m.refuse(0x40000, 7);
      fault.convertible = true;
      assertThat(m.run("890425 10000400")).isEqualTo(ExitReason.VMCALL.number());
      assertThat(m.handledVector()).isEqualTo(20);
      VeInformation area = m.processor.veInformation();
      assertThat(area.valid).isTrue();
      assertThat(area.exitReason).isEqualTo(VIOLATION);
      assertThat(area.qualification).isEqualTo(0x182);
      assertThat(area.guestPhysicalAddress).isEqualTo(0x40010);
      assertThat(area.guestLinearAddress).isEqualTo(0x40010);

      m.state().setRip(GuestMachine.CODE);
      assertThat(m.run()).as("the area is still busy").isEqualTo(VIOLATION);
      area.valid = false;
      fault.convertible = false;
      assertThat(m.run()).as("suppressed").isEqualTo(VIOLATION);
    }
  }

  @Test
  void violationDuringEventDeliveryExits() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().eptViolationVe = true;
      m.refuse(GuestMachine.IDT, 7).convertible = true;
      assertThat(m.run("0f0b")).isEqualTo(VIOLATION);
      assertThat(m.processor.exit().idtVectoringInfo)
          .isEqualTo(1 << 31 | Processor.HARDWARE_EXCEPTION << 8 | 6);
      assertThat(m.processor.veInformation().valid).isFalse();
    }
  }

  @Test
  void hostInjectsAVirtualizationExceptionForAnExit() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      assertThat(m.run("0fa2")).isEqualTo(ExitReason.CPUID.number());
      assertThat(m.processor.injectVirtualizationException()).isTrue();
      assertThat(m.processor.injectVirtualizationException()).isFalse();
      m.run();
      assertThat(m.handledVector()).isEqualTo(20);
      assertThat(m.processor.veInformation().exitReason).isEqualTo(10);
      assertThat(m.processor.veInformation().instructionLength).isEqualTo(2);
    }
  }

  @Test
  void poisonedLineIsAnInterceptedMachineCheck() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      PhysicalBus bus = PhysicalBus.of(m.memory);
      int key = m.memory.layout().firstTdxKeyId();
      bus.programKey(key);
      long keyed = m.memory.layout().keyed(0x40000, key);
      bus.initialize(keyed, 4096);
      m.redirect(0x40000, keyed);
      m.bytes(GuestMachine.CODE, "8b0425 10000400 f4");
      assertThat(m.run()).isEqualTo(ExitReason.HLT.number());
      m.host().write32(new Hpa(0x40010), 1);
      m.state().setRip(GuestMachine.CODE);
      assertThat(m.run()).isEqualTo(ExitReason.EXCEPTION_OR_NMI.number());
      assertThat(m.processor.exit().interruptionInfo)
          .isEqualTo(1 << 31 | Processor.HARDWARE_EXCEPTION << 8 | 18);
    }
  }

  @Test
  void directStoreOfALineTakesItOver() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      PhysicalBus bus = PhysicalBus.of(m.memory);
      int key = m.memory.layout().firstTdxKeyId();
      bus.programKey(key);
      long keyed = m.memory.layout().keyed(0x40000, key);
      bus.initialize(keyed, 4096);
      m.redirect(0x40000, keyed);
      m.host().write32(new Hpa(0x40040), 1);
      m.write64(0x41008, 0x1234);
      m.state().setGpr(CpuState.RDI, 0x40040);
      m.state().setGpr(CpuState.RSI, 0x41000);
      // movdir64b rdi, [rsi]; mov rax, [40048h]; hlt
      assertThat(m.run("660f38f83e 488b042548000400 f4")).isEqualTo(ExitReason.HLT.number());
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x1234);
      m.state().setGpr(CpuState.RDI, 0x40048);
      m.state().setRip(GuestMachine.CODE);
      m.run();
      assertThat(m.handledVector()).as("unaligned").isEqualTo(13);
    }
  }
}
