package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;

/** Whole runs: from entry to exit in each mode. */
class GuestRunTest {
  @Test
  void protectedModeRunsToAnExit() {
    try (GuestMachine m = new GuestMachine().protected32()) {
      assertThat(m.run("b8 78563412 0f a2")).isEqualTo(ExitReason.CPUID.number());
      assertThat(m.state().gpr(0)).isEqualTo(0x12345678);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + 5);
      assertThat(m.processor.exit().instructionLength).isEqualTo(2);
    }
  }

  @Test
  void longModeRunsToAnExit() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      assertThat(m.run("48 b8 8877665544332211 50 f4")).isEqualTo(ExitReason.HLT.number());
      assertThat(m.state().gpr(0)).isEqualTo(0x1122334455667788L);
      assertThat(m.read64(GuestMachine.STACK - 8)).isEqualTo(0x1122334455667788L);
    }
  }

  @Test
  void realModeReachesProtectedModeAndThenLongMode() {
    try (GuestMachine m = new GuestMachine().real()) {
      m.bytes(0x600, "ffff 00100000");
      // lgdt [0x600]; mov eax, cr0; or al, 1; mov cr0, eax; jmp 18h:00010020
      m.bytes(0x10000, "0f0116 0006 0f20c0 0c01 0f22c0 66ea 20000100 1800");
      // mov ax,10h; mov ds,ax; mov ss,ax; mov eax,cr4; or eax,20h; mov cr4,eax
      // mov eax,100000h; mov cr3,eax; mov ecx,c0000080h; rdmsr(policy) ...
      m.processor.controls().msrPolicy = (msr, write) -> false;
      m.bytes(
          0x10020,
          "66b81000 8ed8 8ed0 0f20e0 83c820 0f22e0 b800001000 0f22d8 b9800000c0 0f32 0d00010000"
              + " 0f30 0f20c0 0d00000080 0f22c0 ea 00020100 0800");
      m.bytes(0x10200, "49c7c7 2a000000 0fa2");
      assertThat(m.run()).isEqualTo(ExitReason.CPUID.number());
      assertThat(m.state().in64BitMode()).isTrue();
      assertThat(m.state().gpr(15)).isEqualTo(0x2a);
      assertThat(m.state().msr(Msrs.EFER) & 0x500).isEqualTo(0x500);
      assertThat(m.state().gpr(CpuState.RCX)).isEqualTo(0xc0000080L);
    }
  }
}
