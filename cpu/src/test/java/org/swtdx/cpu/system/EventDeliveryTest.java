package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.memory.Hpa;

/** Exceptions, software interrupts and injected events through the IDT. */
class EventDeliveryTest {
  private static final int VMCALL = ExitReason.VMCALL.number();

  /** The word {@code slot} places above the stack pointer of the handler. */
  private static long pushed(GuestMachine m, int slot) {
    return m.read64(m.state().gpr(CpuState.RSP) + 8 * slot);
  }

  @ParameterizedTest
  @CsvSource({
    // code, vector, pushed error code or -1, offset of the pushed RIP
    "0f0b, 6, -1, 0",
    "31db f7f3, 0, -1, 2",
    "cc, 3, -1, 1",
    "cd 80, 128, -1, 2",
    "f1, 1, -1, 1",
    "b8 03000000 8ed0, 13, 0, 5",
    "66b8 5800 8ed8, 13, 0x58, 4",
    "48a1 0000000000010000, 14, 0x0, 0",
    "48a1 0000000000000080, 13, 0x0, 0",
    "0fb9, 6, -1, 0",
  })
  void exceptionsPushTheirFrame(String code, int vector, String error, int offset) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      assertThat(m.run(code)).isEqualTo(VMCALL);
      assertThat(m.handledVector()).isEqualTo(vector);
      int slot = 0;
      if (!error.equals("-1")) {
        assertThat(pushed(m, slot++)).isEqualTo((long) Integer.decode(error));
      }
      assertThat(pushed(m, slot)).isEqualTo(GuestMachine.CODE + offset);
      assertThat(pushed(m, slot + 1)).isEqualTo(GuestMachine.CODE64);
      assertThat(pushed(m, slot + 3)).isEqualTo(GuestMachine.STACK);
      assertThat(pushed(m, slot + 4)).isEqualTo(GuestMachine.DATA0);
      assertThat(m.state().gpr(CpuState.RSP) + 8L * (slot + 5)).isEqualTo(GuestMachine.STACK);
    }
  }

  @Test
  void pageFaultSetsCr2() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      // mov [40000010h], eax with the second GiB unmapped
      m.run("890425 10000040");
      assertThat(m.handledVector()).isEqualTo(14);
      assertThat(pushed(m, 0)).isEqualTo(2);
      assertThat(m.state().cr(2)).isEqualTo(0x4000_0010L);
    }
  }

  @Test
  void userExceptionSwitchesToTheInnerStackAndMasksInterrupts() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state().setRflags(0x202);
      m.run("0f0b");
      // the handler's VMCALL exits at CPL 0
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().cpl()).isZero();
      assertThat(m.state().segment(SegmentRegister.SS).selector()).isZero();
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(GuestMachine.INNER_STACK - 40);
      assertThat(pushed(m, 1)).isEqualTo(GuestMachine.USER_CODE64);
      assertThat(pushed(m, 2) & 0x10200).as("IF saved, RF set").isEqualTo(0x10200);
      assertThat(pushed(m, 3)).isEqualTo(GuestMachine.STACK);
      assertThat(pushed(m, 4)).isEqualTo(GuestMachine.USER_DATA);
      assertThat(m.state().rflags() & 0x200).isZero();
    }
  }

  @Test
  void interruptStackTableChoosesTheStack() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.gate64(6, 0x8e, 1, GuestMachine.HANDLERS + 16 * 6);
      m.state().setGpr(CpuState.RSP, 0x30003);
      m.run("0f0b");
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(GuestMachine.IST_STACK - 40);
      assertThat(pushed(m, 3)).isEqualTo(0x30003);
      assertThat(m.state().segment(SegmentRegister.SS).selector()).isEqualTo(GuestMachine.DATA0);
    }
  }

  @Test
  void stackIsAlignedInLongMode() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setGpr(CpuState.RSP, 0x3000b);
      m.run("0f0b");
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(0x30000 - 40);
    }
  }

  @Test
  void softwareInterruptChecksTheGatesPrivilege() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.run("cd 30");
      assertThat(m.handledVector()).isEqualTo(13);
      assertThat(pushed(m, 0)).isEqualTo(0x30 << 3 | 2);
      assertThat(pushed(m, 1)).isEqualTo(GuestMachine.CODE);
    }
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.gate64(0x30, 0xef, 0, GuestMachine.HANDLERS + 16 * 0x30);
      m.state().setRflags(0x202);
      m.run("cd 30");
      assertThat(m.handledVector()).isEqualTo(0x30);
      assertThat(m.state().rflags() & 0x200).as("trap gates leave IF").isEqualTo(0x200);
    }
  }

  /** Bad gates: rights byte of gate 6, and the #GP or #NP they give with EXT. */
  @ParameterizedTest
  @CsvSource({"0x0e, 11", "0x8c, 13", "0x85, 13", "0x86, 13", "0x00, 13"})
  void badGatesFault(String rights, int vector) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.gate64(6, Integer.decode(rights), 0, GuestMachine.HANDLERS);
      m.run("0f0b");
      assertThat(m.handledVector()).isEqualTo(vector);
      assertThat(pushed(m, 0)).isEqualTo(6 << 3 | 3);
    }
  }

  @Test
  void contributoryFaultsMakeADoubleFault() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.gate64(13, 0x0e, 0, GuestMachine.HANDLERS);
      m.run("66b8 5800 8ed8");
      assertThat(m.handledVector()).isEqualTo(8);
      assertThat(pushed(m, 0)).isZero();
    }
  }

  @Test
  void faultOfAnInterruptIsNoDoubleFault() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.gate64(0x30, 0x0e, 0, GuestMachine.HANDLERS);
      m.bytes(GuestMachine.CODE, "90 f4");
      m.processor.inject(0x30, Processor.EXTERNAL_INTERRUPT, -1, 0);
      m.run();
      assertThat(m.handledVector()).isEqualTo(11);
      assertThat(pushed(m, 0)).isEqualTo(0x30 << 3 | 3);
    }
  }

  @Test
  void faultDuringDoubleFaultIsATripleFault() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setIdt(GuestMachine.IDT, 0);
      assertThat(m.run("0f0b")).isEqualTo(ExitReason.TRIPLE_FAULT.number());
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE);
    }
  }

  @Test
  void pageFaultOfTheStackWhileDeliveringAPageFaultIsADoubleFault() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.gate64(8, 0x8e, 1, GuestMachine.HANDLERS + 16 * 8);
      m.state().setGpr(CpuState.RSP, 0x4000_1000L);
      m.run("50");
      assertThat(m.handledVector()).isEqualTo(8);
      assertThat(m.state().cr(2)).isEqualTo(0x4000_0ff8L);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 6, 13, 14})
  void interceptedExceptionsExitWithTheirInformation(int vector) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().exceptionBitmap = 1 << vector;
      String code =
          switch (vector) {
            case 3 -> "cc";
            case 6 -> "0f0b";
            case 13 -> "66b8 5800 8ed8";
            default -> "890425 10000040";
          };
      assertThat(m.run(code)).isEqualTo(0);
      int type = vector == 3 ? Processor.SOFTWARE_EXCEPTION : Processor.HARDWARE_EXCEPTION;
      boolean error = vector > 6;
      assertThat(m.processor.exit().interruptionInfo)
          .isEqualTo(1 << 31 | (error ? 1 << 11 : 0) | type << 8 | vector);
      if (vector == 14) {
        assertThat(m.processor.exit().qualification).isEqualTo(0x4000_0010L);
        assertThat(m.state().cr(2)).as("left to the host").isZero();
      }
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + (vector == 13 ? 4 : 0));
    }
  }

  @Test
  void exitDuringDeliveryReportsTheEvent() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.refuse(GuestMachine.IDT, 1);
      assertThat(m.run("cd 30")).isEqualTo(ExitReason.EPT_VIOLATION.number());
      assertThat(m.processor.exit().idtVectoringInfo)
          .isEqualTo(1 << 31 | Processor.SOFTWARE_INTERRUPT << 8 | 0x30);
      assertThat(m.processor.exit().instructionLength).isEqualTo(2);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE);
    }
  }

  @Test
  void injectedEventsAreDeliveredAtEntry() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.bytes(GuestMachine.CODE, "90 90 f4");
      m.processor.inject(0x41, Processor.EXTERNAL_INTERRUPT, -1, 0);
      m.run();
      assertThat(m.handledVector()).isEqualTo(0x41);
      assertThat(pushed(m, 0)).isEqualTo(GuestMachine.CODE);
    }
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.inject(13, Processor.HARDWARE_EXCEPTION, 0x18, 0);
      m.run("f4");
      assertThat(m.handledVector()).isEqualTo(13);
      assertThat(pushed(m, 0)).isEqualTo(0x18);
    }
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.inject(0x80, Processor.SOFTWARE_INTERRUPT, -1, 2);
      m.run("cd80 f4");
      assertThat(m.handledVector()).isEqualTo(0x80);
      assertThat(pushed(m, 0)).isEqualTo(GuestMachine.CODE + 2);
    }
  }

  @Test
  void nmiBlocksFurtherNmisUntilIret() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.bytes(GuestMachine.HANDLERS + 16 * 2, "48ff c3 48 cf 90 90 90");
      m.bytes(GuestMachine.CODE, "90 f4");
      m.processor.requestNmi();
      assertThat(m.run()).isEqualTo(ExitReason.HLT.number());
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(1);
      assertThat(m.state().interruptibility()).isZero();
      m.bytes(GuestMachine.HANDLERS + 16 * 2, "48ff c3 f4");
      m.processor.requestNmi();
      assertThat(m.run()).isEqualTo(ExitReason.HLT.number());
      assertThat(m.state().interruptibility()).isEqualTo(GuestSystem.BLOCKED_BY_NMI);
      m.processor.requestNmi();
      m.processor.skipInstruction();
      m.bytes(GuestMachine.HANDLERS + 16 * 2 + 4, "f4");
      m.run();
      assertThat(m.state().gpr(CpuState.RBX)).as("the third stays pending").isEqualTo(2);
    }
  }

  @Test
  void singleStepTrapsAfterEveryInstruction() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setRflags(0x102);
      m.run("48ffc0 48ffc0 f4");
      assertThat(m.handledVector()).isEqualTo(1);
      assertThat(pushed(m, 0)).isEqualTo(GuestMachine.CODE + 3);
      assertThat(m.state().dr(6) & 0x4000).isEqualTo(0x4000);
      assertThat(m.state().rflags() & 0x100).isZero();
    }
  }

  @Test
  void instructionBreakpointFaultsUnlessResumed() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setDr(0, GuestMachine.CODE + 3);
      m.state().setDr(7, 0x402);
      m.bytes(GuestMachine.HANDLERS + 16, "48ffc3 4889e1 81 4910 00000100 48cf".replace(" ", ""));
      assertThat(m.run("48ffc0 48ffc0 f4")).isEqualTo(ExitReason.HLT.number());
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(1);
      assertThat(m.state().dr(6) & 0xf).isEqualTo(1);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + 6);
    }
  }

  /** DR7, the code, and the DR6 bits (or 0 for no trap). */
  @ParameterizedTest
  @CsvSource({
    "0x10402, 890425 00000400, 1", "0x10402, 8b0425 00000400, 0", "0x30402, 8b0425 00000400, 1",
    "0x30402, 8b0425 02000400, 0", "0xf0402, 8a0425 03000400, 1", "0xf0402, 8a0425 04000400, 0",
    "0xb0402, 8a0425 07000400, 1", "0xf0402, 488b0425 fcff0300, 1", "0xf0400, 8a0425 03000400, 0",
    "0xd0402, 87042500000400, 1",
  })
  void dataBreakpointsTrapAfterTheAccess(String dr7, String code, int hit) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setDr(0, GuestMachine.DATA);
      m.state().setDr(7, Integer.decode(dr7));
      int reason = m.run(code + "f4");
      if (hit == 0) {
        assertThat(reason).isEqualTo(ExitReason.HLT.number());
      } else {
        assertThat(m.handledVector()).isEqualTo(1);
        assertThat(m.state().dr(6) & 0x400f).isEqualTo(hit);
        assertThat(pushed(m, 0)).isEqualTo(GuestMachine.CODE + code.replace(" ", "").length() / 2);
      }
    }
  }

  @Test
  void debugExceptionPendingAtEntryIsDelivered() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setPendingDebug(1 << 14);
      m.run("90 f4");
      assertThat(m.handledVector()).isEqualTo(1);
      assertThat(m.state().dr(6) & 0x4000).isEqualTo(0x4000);
      assertThat(pushed(m, 0)).isEqualTo(GuestMachine.CODE);
    }
  }

  @Test
  void interceptedDebugExceptionLeavesDr6ToTheHost() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().exceptionBitmap = 2;
      m.state().setRflags(0x102);
      assertThat(m.run("90 f4")).isEqualTo(0);
      assertThat(m.processor.exit().qualification).isEqualTo(0x4000);
      assertThat(m.state().dr(6) & 0x4000).isZero();
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + 1);
    }
  }

  @Test
  void generalDetectFaultsOnDebugRegisterAccess() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setDr(7, 0x2400);
      m.run("0f21f8");
      assertThat(m.handledVector()).isEqualTo(1);
      assertThat(m.state().dr(6) & 0x2000).isEqualTo(0x2000);
      assertThat(m.state().dr(7) & 0x2000).isZero();
    }
  }

  @Test
  void resumeFlagLastsForOneInstruction() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      // the #UD handler advances the saved RIP and returns with the RF that the fault saved
      m.bytes(GuestMachine.HANDLERS + 16 * 6, "4883 0424 02 48cf");
      m.run("0f0b 90 90 cc");
      assertThat(m.handledVector()).isEqualTo(3);
      assertThat(pushed(m, 2) & 0x10000).isZero();
    }
  }

  @Test
  void protectedModeFramesAre32Bit() {
    try (GuestMachine m = new GuestMachine().protected32()) {
      m.run("66b8 5800 8ed8");
      assertThat(m.handledVector()).isEqualTo(13);
      long sp = m.state().gpr(CpuState.RSP);
      assertThat(sp).isEqualTo(GuestMachine.STACK - 16);
      assertThat(m.read32(sp)).isEqualTo(0x58);
      assertThat(m.read32(sp + 4)).isEqualTo(GuestMachine.CODE + 4);
      assertThat(m.read32(sp + 8)).isEqualTo(GuestMachine.CODE32);
    }
  }

  @Test
  void realModeUsesTheVectorTable() {
    try (GuestMachine m = new GuestMachine().real()) {
      m.host().write32(new Hpa(0x21 * 4), 0x0400_0010);
      m.bytes(0x4010, "0f01c1");
      assertThat(m.run("cd21")).isEqualTo(VMCALL);
      assertThat(m.state().segment(SegmentRegister.CS).selector()).isEqualTo(0x400);
      assertThat(m.state().rip()).isEqualTo(0x10);
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(0x7ffa);
      assertThat(m.host().read16(new Hpa(0x7ffa))).isEqualTo(2);
      assertThat(m.host().read16(new Hpa(0x7ffc))).isEqualTo(GuestMachine.CODE >> 4);
    }
  }
}
