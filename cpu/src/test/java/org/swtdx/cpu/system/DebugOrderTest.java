package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;

/** What debug exceptions do around exits, MOV SS and other #DBs; fixed bits; bases that stay. */
class DebugOrderTest {
  private static final int TF = 0x102, SINGLE_STEP = 0x4000;

  private static long pushedRip(GuestMachine m) {
    return m.read64(m.state().gpr(CpuState.RSP));
  }

  @ParameterizedTest
  @CsvSource({"0x0, 0xffff0ff0", "0xffffffff, 0xffffefff", "0x1800f, 0xffff8fff"})
  void fixedBitsOfDr6StayFixed(String written, String read) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setGpr(CpuState.RAX, Long.decode(written) & 0xffff_ffffL);
      m.run("0f23f0 0f21f3 f4");
      long expected = Long.decode(written) & 0xe00f | 0xffff_0ff0L;
      assertThat(m.state().gpr(CpuState.RBX)).as(read).isEqualTo(expected);
    }
  }

  @Test
  void anInstructionThatTheHypervisorCompletesTrapsAsWell() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setRflags(TF);
      assertThat(m.run("0fa2 90 90")).isEqualTo(ExitReason.CPUID.number());
      m.processor.skipInstruction();
      m.run();
      assertThat(m.handledVector()).isEqualTo(1);
      assertThat(pushedRip(m)).isEqualTo(GuestMachine.CODE + 2);
      assertThat(m.state().dr(6) & SINGLE_STEP).isEqualTo(SINGLE_STEP);
    }
  }

  @Test
  void theSingleStepOverMovSsIsLostAndGeneralDetectIsNotDelayed() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setGpr(CpuState.RAX, GuestMachine.DATA0);
      m.state().setDr(7, 0x2400);
      m.state().setRflags(TF);
      m.run("8ed0 0f23f3");
      assertThat(m.handledVector()).isEqualTo(1);
      assertThat(pushedRip(m)).isEqualTo(GuestMachine.CODE + 2);
      assertThat(m.state().dr(6)).isEqualTo(0xffff_2ff0L);
    }
  }

  @Test
  void int1ReportsWhatMovSsLeftPending() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.write64(GuestMachine.DATA, GuestMachine.DATA0);
      m.state().setDr(0, GuestMachine.DATA);
      m.state().setDr(7, 0x3_0401L);
      m.state().setGpr(CpuState.RDI, GuestMachine.DATA);
      m.run("8e17 f1");
      assertThat(m.handledVector()).isEqualTo(1);
      assertThat(pushedRip(m)).as("once, behind INT1").isEqualTo(GuestMachine.CODE + 3);
      assertThat(m.state().dr(6) & 0xf).isEqualTo(1);
    }
  }

  @Test
  void aReturnToUserCodeClearsSelectorsAndKeepsBases() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state()
          .setSegment(
              SegmentRegister.GS, new SegmentRegister(GuestMachine.DATA0, 0x1234, -1, 0xc093));
      m.bytes(0x11000, "0f0b");
      m.run("6a23 68 00000500 6a02 6a2b 68 00100100 48cf");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().segment(SegmentRegister.GS).selector()).isZero();
      assertThat(m.state().msr(Msrs.GS_BASE)).isEqualTo(0x1234);
    }
  }

  /**
   * Whether the processor has 5-level paging decides how wide a base may be, not whether it is on.
   */
  @ParameterizedTest
  @CsvSource({"true, -1", "false, 13"})
  void basesAreAsWideAsTheProcessorAllows(boolean la57, int vector) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().cr4Allowed = la57 ? -1 : ~(1L << 12);
      m.processor.controls().msrPolicy = (msr, write) -> false;
      m.state().setGpr(CpuState.RCX, Msrs.GS_BASE & 0xffff_ffffL);
      m.state().setGpr(CpuState.RDX, 0x00ff_0000L);
      int reason = m.run("0f30 f4");
      int hlt = ExitReason.HLT.number();
      assertThat(vector == -1 ? reason : m.handledVector()).isEqualTo(vector == -1 ? hlt : vector);
    }
  }
}
