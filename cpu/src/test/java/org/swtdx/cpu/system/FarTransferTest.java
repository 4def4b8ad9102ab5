package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;

/** Far jumps, calls and returns, IRET, SYSCALL and relatives, and descriptor loads. */
class FarTransferTest {
  private static final int HLT = ExitReason.HLT.number();

  private static void descriptor(GuestMachine m, int selector, long value) {
    m.write64(GuestMachine.GDT + (selector & ~7), value);
  }

  private static long pushed(GuestMachine m, int slot) {
    return m.read64(m.state().gpr(CpuState.RSP) + 8 * slot);
  }

  @Test
  void farReturnGoesToCompatibilityModeAndBack() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      // push 18h; push 11000h; retfq -> 32-bit: inc eax is one byte there
      m.bytes(0x11000, "40 ea 00120100 0800");
      m.bytes(0x11200, "f4");
      assertThat(m.run("6a18 68 00100100 48cb")).isEqualTo(HLT);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(1);
      assertThat(m.state().in64BitMode()).isTrue();
      assertThat(m.state().rip()).isEqualTo(0x11200);
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(GuestMachine.STACK);
    }
  }

  @Test
  void farReturnToUserDropsPrivilegedSegments() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.bytes(0x11000, "0f0b");
      // push 23h; push 50000h; push 2bh; push 11000h; retfq
      m.run("6a23 68 00000500 6a2b 68 00100100 48cb");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(pushed(m, 0)).isEqualTo(0x11000);
      assertThat(pushed(m, 1)).isEqualTo(GuestMachine.USER_CODE64);
      assertThat(pushed(m, 3)).isEqualTo(0x50000);
      assertThat(pushed(m, 4)).isEqualTo(GuestMachine.USER_DATA);
      assertThat(m.state().segment(SegmentRegister.DS).selector()).isZero();
      assertThat(m.state().segment(SegmentRegister.DS).accessRights()).isEqualTo(0x10000);
    }
  }

  @Test
  void iretqToUserRestoresFlagsAndStack() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.bytes(0x11000, "9c 58 0f0b");
      // push 23h; push 50000h; push 3202h (IOPL 3, IF); push 2bh; push 11000h; iretq
      m.run("6a23 68 00000500 68 02320000 6a2b 68 00100100 48cf");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x3202);
      assertThat(pushed(m, 3)).isEqualTo(0x50000);
    }
  }

  /** Return selectors, and the fault that each gives with its error code. */
  @ParameterizedTest
  @CsvSource({
    "0x00, 13, 0x0",
    "0x10, 13, 0x10",
    "0x70, 13, 0x70",
    "0x0c, 13, 0xc",
    "0x50, 11, 0x50",
    "0x28, 13, 0x28"
  })
  void badReturnSelectorsFault(String selector, int vector, String code) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      descriptor(m, GuestMachine.FREE, 0x00af1b000000ffffL);
      m.run("6a%02x 68 00100100 48cb".formatted(Integer.decode(selector)));
      assertThat(m.handledVector()).isEqualTo(vector);
      assertThat(pushed(m, 0)).isEqualTo((long) Integer.decode(code));
      assertThat(pushed(m, 1)).isEqualTo(GuestMachine.CODE + 7);
      assertThat(pushed(m, 4)).as("stack pointer unchanged").isEqualTo(GuestMachine.STACK - 16);
    }
  }

  @Test
  void callGateEntersTheInnerLevelAndReturns() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      // the gate takes two entries; it leads to 12000h at CPL 0
      descriptor(m, GuestMachine.FREE, 0x0001_ec00_0008_2000L);
      m.write64(GuestMachine.GDT + GuestMachine.FREE + 8, 0);
      m.write64(0x40000, 0x0000_0053_0000_0000L);
      m.bytes(0x12000, "8cc9 8cd2 4889e3 48cb");
      // rex.w call far [40000h] with m16:64 would read 10 bytes; use m16:32: ff /3
      m.write64(0x40000, 0x0053_0000_0000L);
      m.run("ff1c25 00000400 0f0b");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().gpr(CpuState.RCX)).isEqualTo(GuestMachine.CODE64);
      assertThat(m.state().gpr(CpuState.RDX)).as("null stack selector").isZero();
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(GuestMachine.INNER_STACK - 32);
      assertThat(pushed(m, 0)).isEqualTo(GuestMachine.CODE + 7);
      assertThat(pushed(m, 1)).isEqualTo(GuestMachine.USER_CODE64);
      assertThat(pushed(m, 3)).isEqualTo(GuestMachine.STACK);
    }
  }

  @Test
  void callGateCopiesParametersInProtectedMode() {
    try (GuestMachine m = new GuestMachine().protected32()) {
      descriptor(m, GuestMachine.FREE, 0x0001_ec02_0018_2000L);
      // down to user mode first: push 23h; push 50000h; push 33h; push 11000h; retf
      m.bytes(0x11000, "68 44440000 68 55550000 9a 00000000 5300 cc");
      m.bytes(0x12000, "8b442408 8b5c240c 8b4c2410 f4");
      assertThat(m.run("6a23 68 00000500 6a33 68 00100100 cb")).isEqualTo(HLT);
      assertThat(m.state().cpl()).isZero();
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x5555);
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(0x4444);
      assertThat(m.state().gpr(CpuState.RCX)).isEqualTo(0x50000 - 8);
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(GuestMachine.INNER_STACK - 24);
    }
  }

  @Test
  void taskSwitchesExit() {
    try (GuestMachine m = new GuestMachine().protected32()) {
      descriptor(m, GuestMachine.FREE, 0x0000_8900_3000_0067L);
      assertThat(m.run("ea 00000000 5000")).isEqualTo(ExitReason.TASK_SWITCH.number());
      assertThat(m.processor.exit().qualification).isEqualTo(2L << 30 | GuestMachine.FREE);
    }
  }

  @Test
  void syscallAndSysretSwitchLevels() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state().setMsr(Msrs.STAR, 0x001b_0008_0000_0000L);
      m.state().setMsr(Msrs.LSTAR, 0x12000);
      m.state().setMsr(Msrs.FMASK, 0x200);
      m.state().setRflags(0x202);
      // handler: remember cs, ss, flags; sysretq
      m.bytes(0x12000, "8ccb 8cd2 9c 5e 480f07");
      m.run("0f05 0f0b");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(8);
      assertThat(m.state().gpr(CpuState.RDX)).isEqualTo(0x10);
      assertThat(m.state().gpr(CpuState.RSI)).isEqualTo(2);
      assertThat(m.state().gpr(CpuState.RCX)).isEqualTo(GuestMachine.CODE + 2);
      assertThat(m.state().gpr(11)).isEqualTo(0x202);
      assertThat(pushed(m, 0)).isEqualTo(GuestMachine.CODE + 2);
      assertThat(pushed(m, 1)).isEqualTo(0x2b);
      assertThat(pushed(m, 4)).isEqualTo(0x23);
      assertThat(pushed(m, 2) & 0x200).isEqualTo(0x200);
    }
  }

  @Test
  void sysenterAndSysexitUseTheirMsrs() {
    try (GuestMachine m = new GuestMachine().long64(true)) {
      m.state().setMsr(Msrs.SYSENTER_CS, 8);
      m.state().setMsr(Msrs.SYSENTER_ESP, 0x38000);
      m.state().setMsr(Msrs.SYSENTER_EIP, 0x12000);
      m.bytes(0x12000, "4889e3 b9 00000500 ba 00100100 480f35");
      m.bytes(0x11000, "0f0b");
      m.run("0f34");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(0x38000);
      assertThat(pushed(m, 0)).isEqualTo(0x11000);
      assertThat(pushed(m, 1)).isEqualTo(0x2b);
      assertThat(pushed(m, 3)).isEqualTo(0x50000);
    }
  }

  @Test
  void swapgsExchangesTheBases() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setMsr(Msrs.GS_BASE, 0x40000);
      m.state().setMsr(Msrs.KERNEL_GS_BASE, 0x41000);
      m.write64(0x41008, 99);
      m.run("0f01f8 65488b042508000000 f4");
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(99);
      assertThat(m.state().msr(Msrs.KERNEL_GS_BASE)).isEqualTo(0x40000);
    }
  }

  /** MOV to a segment register: register number, selector, vector or -1, error code. */
  @ParameterizedTest
  @CsvSource({
    "3, 0x10, -1, 0x0", "3, 0x00, -1, 0x0", "3, 0x08, -1, 0x0", "3, 0x58, 13, 0x58",
    "3, 0x38, 13, 0x38", "3, 0x24, 13, 0x24", "2, 0x08, 13, 0x8", "2, 0x13, 13, 0x10",
    "2, 0x23, 13, 0x20", "2, 0x10, -1, 0x0", "2, 0x00, -1, 0x0", "3, 0x50, 11, 0x50",
    "2, 0x50, 12, 0x50", "3, 0x23, -1, 0x0", "3, 0x13, 13, 0x10"
  })
  void segmentLoadsAreChecked(int register, String selector, int vector, String code) {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      descriptor(m, GuestMachine.FREE, 0x00cf_1300_0000_ffffL);
      int value = Integer.decode(selector);
      int reason = m.run("b8 %02x000000 8e%02x f4".formatted(value, 0xc0 | register << 3));
      if (vector == -1) {
        assertThat(reason).isEqualTo(HLT);
        assertThat(m.state().segment(register).selector()).isEqualTo(value);
      } else {
        assertThat(m.handledVector()).isEqualTo(vector);
        assertThat(pushed(m, 0)).isEqualTo((long) Integer.decode(code));
      }
    }
  }

  @Test
  void loadingASegmentMarksItsDescriptorAccessed() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      descriptor(m, GuestMachine.FREE, 0x00cf_9200_0000_ffffL);
      m.run("b8 50000000 8ed8 f4");
      assertThat(m.read64(GuestMachine.GDT + GuestMachine.FREE)).isEqualTo(0x00cf_9300_0000_ffffL);
    }
  }

  @Test
  void taskRegisterLoadMarksTheSegmentBusy() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.run("b8 38000000 0f00d8 f4");
      assertThat(m.read64(GuestMachine.GDT + GuestMachine.TASK) >>> 40 & 0xf).isEqualTo(0xb);
      assertThat(m.state().segment(SegmentRegister.TR).base()).isEqualTo(GuestMachine.TSS);
      m.state().setRip(GuestMachine.CODE);
      m.run();
      assertThat(m.handledVector()).as("busy now").isEqualTo(13);
    }
  }

  @Test
  void larLslVerrVerwReportThroughZf() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      // ecx=10h: lar eax, ecx; lsl ebx, ecx; verw cx; setz dl; ecx=8: verw cx; setz dh
      m.run("b910000000 0f02c1 0f03d9 0f00e9 0f94c2 b908000000 0f00e9 0f94c6 f4");
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x00c09300);
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(0xffff_ffffL);
      assertThat(m.state().gpr(CpuState.RDX) & 0xffff).isEqualTo(1);
    }
  }

  @Test
  void realModeFarCallsPushSegmentAndOffset() {
    try (GuestMachine m = new GuestMachine().real()) {
      m.bytes(0x12340, "b83412 cb");
      assertThat(m.run("9a 40023012 40 f4".replace("40023012", "4000 3012"))).isEqualTo(HLT);
      assertThat(m.state().gpr(CpuState.RAX) & 0xffff).isEqualTo(0x1235);
      assertThat(m.state().segment(SegmentRegister.CS).base()).isEqualTo(GuestMachine.CODE);
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(0x8000);
    }
  }
}
