package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;

/** Guest state that VM entry refuses, and alignment checking, which entry state can switch on. */
class EntryCheckTest {
  static Stream<Consumer<CpuState>> badStates() {
    return Stream.of(
        s -> s.setCr(0, 0x8000_0030L),
        s -> s.setCr(4, 0x600),
        s -> s.setMsr(Msrs.EFER, 0x101),
        s -> s.setMsr(Msrs.EFER, 0x401),
        s -> s.setSegment(SegmentRegister.CS, new SegmentRegister(8, 0, -1, 0xe09b)),
        s -> s.setRip(0x0200_0000_0000_0000L),
        s -> s.setRflags(0x20002),
        s -> s.setActivityState(4));
  }

  @ParameterizedTest
  @MethodSource("badStates")
  void impossibleStateFailsEntry(Consumer<CpuState> change) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.bytes(GuestMachine.CODE, "f4");
      change.accept(m.state());
      assertThat(m.run()).isEqualTo(ExitReason.ENTRY_FAILURE_GUEST_STATE.number());
      assertThat(m.processor.instructionCount()).isZero();
    }
  }

  @Test
  void misalignedUserAccessIsAnAlignmentFault() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state().setCr(0, 0x8005_0033L);
      m.state().setRflags(0x40002);
      m.run("8b042502000400 0f0b");
      assertThat(m.handledVector()).isEqualTo(17);
      assertThat(m.read64(m.state().gpr(CpuState.RSP))).isZero();
      m.state().setRflags(2);
    }
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state().setCr(0, 0x8005_0033L);
      m.state().setRflags(0x40002);
      m.run("8b042504000400 890425080004008a042503000400 0f0b");
      assertThat(m.handledVector()).as("aligned").isEqualTo(6);
    }
  }
}
