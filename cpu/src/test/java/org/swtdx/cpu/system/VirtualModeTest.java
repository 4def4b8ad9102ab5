package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.memory.Hpa;

/** Virtual-8086 mode with and without its extensions, and protected-mode virtual interrupts. */
class VirtualModeTest {
  private static final long VM = 1 << 17, VIF = 1 << 19, VIP = 1 << 20, IF = 1 << 9;
  private static final int VME = 1, REDIRECTION = 0x68;
  private static final int CODE = 0x1100;

  /** A virtual-8086 program at 1100:0 with its stack at 2000:1000 and a redirection bitmap. */
  private static GuestMachine machine(int cr4, long flags) {
    GuestMachine m = new GuestMachine().protected32();
    CpuState s = m.state();
    s.setCr(4, cr4);
    s.setRflags(VM | 2 | flags);
    segment(s, SegmentRegister.CS, CODE);
    segment(s, SegmentRegister.SS, 0x2000);
    for (int i : new int[] {0, 3, 4, 5}) {
      segment(s, i, 0x3000 + i);
    }
    s.setRip(0);
    s.setGpr(CpuState.RSP, 0x1000);
    s.setSegment(
        SegmentRegister.TR, new SegmentRegister(GuestMachine.TASK, GuestMachine.TSS, 0x2100, 0x8b));
    m.host().write16(new Hpa(GuestMachine.TSS + 0x66), REDIRECTION + 32);
    m.host().write(new Hpa(GuestMachine.TSS + REDIRECTION), new byte[32], 0, 32);
    return m;
  }

  private static void segment(CpuState s, int register, int selector) {
    s.setSegment(register, new SegmentRegister(selector, (long) selector << 4, 0xffff, 0xf3));
  }

  private static void run(GuestMachine m, String code) {
    m.bytes(0x11000, code);
    m.run();
  }

  /** A slot of the frame that the monitor's handler found: EIP, CS, EFLAGS, ESP, SS, ES, … */
  private static long frame(GuestMachine m, int slot) {
    return m.read32(m.state().gpr(CpuState.RSP) + 4 * slot) & 0xffff_ffffL;
  }

  @Test
  void theMonitorFindsEverySegmentOnItsStack() {
    try (GuestMachine m = machine(0, 0x3000)) {
      run(m, "0f0b");
      assertThat(m.handledVector()).isEqualTo(6);
      long[] expected = {
        0, CODE, 0x33002 | 0x10000, 0x1000, 0x2000, 0x3000, 0x3003, 0x3004, 0x3005
      };
      for (int i = 0; i < expected.length; i++) {
        assertThat(frame(m, i)).as("slot " + i).isEqualTo(expected[i]);
      }
      assertThat(m.state().segment(SegmentRegister.DS).accessRights()).isEqualTo(0x10000);
      assertThat(m.state().rflags() & VM).isZero();
    }
  }

  /** Code without extensions below IOPL 3 faults, at IOPL 3 it runs into UD2. */
  @ParameterizedTest
  @CsvSource({"fa", "fb", "9c", "9d", "cd20", "cf", "669c", "669d", "66cf"})
  void sensitiveInstructionsNeedIopl3(String code) {
    try (GuestMachine m = machine(0, 0x2000)) {
      run(m, code);
      assertThat(m.handledVector()).isEqualTo(13);
      assertThat(frame(m, 0)).as("error code").isZero();
      assertThat(frame(m, 1)).as("IP").isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"669c", "669d", "66cf"})
  void extensionsServeSixteenBitFormsOnly(String code) {
    try (GuestMachine m = machine(VME, 0)) {
      run(m, code);
      assertThat(m.handledVector()).isEqualTo(13);
    }
  }

  /** Flags before, code that ends in UD2, flags after (RF aside), and what it pushed last. */
  @ParameterizedTest
  @CsvSource({
    "0x0, fb, 0xa0002, -1",
    "0x80000, fa, 0x20002, -1",
    "0x0, 9c, 0x20002, 0x3002",
    "0x80000, 9c, 0xa0002, 0x3202",
    "0x1000, 9c, 0x21002, 0x3002",
    "0x0, '68 0302 9d', 0xa0003, -1",
    "0x80000, '68 0300 9d', 0x20003, -1",
    "0x100000, '68 0300 9d', 0x120003, -1",
    "0x3000, '68 0302 9d', 0x23203, -1",
    "0x3200, fa, 0x23002, -1",
    "0x200, fa, 0x20202, -1"
  })
  void extensionsKeepTheInterruptFlagInVif(String before, String code, String after, int pushed) {
    try (GuestMachine m = machine(VME, Long.decode(before))) {
      run(m, code + "0f0b");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(frame(m, 2) & ~0x10000L).isEqualTo(Long.decode(after));
      if (pushed != -1) {
        assertThat(m.read32(0x20ffe) & 0xffff).isEqualTo(pushed);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0x100000, fb", "0x100000, '68 0202 9d'", "0x0, '68 0201 9d'"})
  void aPendingInterruptOrTfBringsTheMonitor(String flags, String code) {
    try (GuestMachine m = machine(VME, Long.decode(flags))) {
      run(m, code);
      assertThat(m.handledVector()).isEqualTo(13);
      assertThat(frame(m, 1)).isEqualTo(HexFormat.of().parseHex(code.replace(" ", "")).length - 1);
      assertThat(frame(m, 3) & VIP).isEqualTo(Long.decode(flags));
    }
  }

  /** IOPL, VIF or IF before, image pushed for the program's own handler, flags in it. */
  @ParameterizedTest
  @CsvSource({
    "0x0, 0x3002, 0x20002",
    "0x80000, 0x3202, 0x20002",
    "0x3200, 0x3202, 0x23002",
    "0x1000, 0x3002, 0x21002",
    "0x200, 0x3002, 0x20202"
  })
  void redirectedInterruptsStayInTheProgram(String before, String image, String inside) {
    try (GuestMachine m = machine(VME, Long.decode(before))) {
      m.host().write32(new Hpa(0x20 * 4), 0x1200_0010);
      m.bytes(0x12010, "0f0b");
      run(m, "cd20");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(frame(m, 0)).isEqualTo(0x10);
      assertThat(frame(m, 1)).isEqualTo(0x1200);
      assertThat(frame(m, 2) & ~0x10000L).isEqualTo(Long.decode(inside));
      assertThat(frame(m, 3)).as("SP").isEqualTo(0xffa);
      assertThat(m.read32(0x20ffa)).isEqualTo(CODE << 16 | 2);
      assertThat(m.read32(0x20ffe) & 0xffff).isEqualTo(Integer.decode(image));
    }
  }

  @Test
  void iretOfARedirectedHandlerRestoresVif() {
    try (GuestMachine m = machine(VME, VIF)) {
      m.host().write32(new Hpa(0x20 * 4), 0x1200_0010);
      m.bytes(0x12010, "cf");
      run(m, "cd20 0f0b");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(frame(m, 0)).isEqualTo(2);
      assertThat(frame(m, 2) & ~0x10000L).isEqualTo(VM | VIF | 2);
      assertThat(frame(m, 3)).isEqualTo(0x1000);
    }
  }

  /** With the bit set the monitor gets the vector at IOPL 3, and #GP below. */
  @ParameterizedTest
  @CsvSource({"0x3000, 3", "0x0, 13"})
  void vectorsWhoseBitIsSetGoToTheMonitor(String flags, int vector) {
    try (GuestMachine m = machine(VME, Long.decode(flags))) {
      // gates for software interrupts need DPL 3
      m.host().write8(new Hpa(GuestMachine.IDT + 8 * 0x20 + 5), 0xee);
      m.host().write8(new Hpa(GuestMachine.TSS + REDIRECTION + 4), 1);
      run(m, "cd20");
      assertThat(m.handledVector()).isEqualTo(vector == 3 ? 0x20 : 13);
    }
  }

  /** CLI and STI at CPL 3 of protected mode: CR4, flags before and after, vector. */
  @ParameterizedTest
  @CsvSource({
    "2, 0x0, fb, 0x80002, 6", "2, 0x80000, fa, 0x2, 6", "2, 0x180000, fb, 0x180002, 13",
    "0, 0x0, fb, 0x2, 13", "0, 0x0, fa, 0x2, 13", "2, 0x3000, fb, 0x3202, 6",
    "1, 0x0, fb, 0x2, 13", "2, 0x0, 9c, 0x2, 6"
  })
  void protectedModeVirtualInterrupts(
      int cr4, String before, String code, String after, int vector) {
    try (GuestMachine m = new GuestMachine().protected32()) {
      CpuState s = m.state();
      s.setCr(4, cr4);
      s.setSegment(SegmentRegister.SS, new SegmentRegister(0x23, 0, -1, 0xc0f3));
      s.setSegment(SegmentRegister.CS, new SegmentRegister(0x33, 0, -1, 0xc0fb));
      s.setRflags(2 | Long.decode(before));
      m.run(code + "0f0b");
      assertThat(m.handledVector()).isEqualTo(vector);
      int slot = vector == 13 ? 3 : 2;
      assertThat(frame(m, slot) & ~0x10000L).isEqualTo(Long.decode(after));
    }
  }

  @Test
  void interruptsOfTheProcessorFollowIfNotVif() {
    try (GuestMachine m = machine(VME, IF)) {
      m.processor.inject(0x40, org.swtdx.cpu.Processor.EXTERNAL_INTERRUPT, -1, 0);
      run(m, "90");
      assertThat(m.handledVector()).isEqualTo(0x40);
      assertThat(frame(m, 2)).isEqualTo(VM | IF | 2);
    }
  }
}
