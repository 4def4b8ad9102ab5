package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Emulation;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.memory.Hpa;

/** Task switches by CALL, JMP, IRET and task gates, as a hypervisor has them carried out. */
class TaskSwitchTest {
  private static final int HLT = ExitReason.HLT.number();
  private static final int TASK_SWITCH = ExitReason.TASK_SWITCH.number();
  private static final int VMCALL = ExitReason.VMCALL.number();
  private static final int OTHER = 0x50, GATE = 0x58, LDT = 0x60, TEST = 0x68, USER_TSS = 0x70;
  private static final int NEW_TSS = 0x5000, NEW_CODE = 0x11000, NEW_STACK = 0x39000;
  private static final int NT = 0x4000;

  /** A machine with a second task, ready to run HLT at NEW_CODE, and a gate to it. */
  private static GuestMachine machine() {
    GuestMachine m = new GuestMachine().protected32();
    m.state().setGdt(GuestMachine.GDT, 0x7f);
    descriptor(m, GuestMachine.TASK, 0x0000_8b00_3000_0067L);
    descriptor(m, OTHER, 0x0000_8900_5000_0067L);
    descriptor(m, GATE, 0x0000_e500_0000_0000L | (long) OTHER << 16);
    descriptor(m, LDT, 0x0000_8200_6000_001fL);
    descriptor(m, TEST, 0x00cf_9300_0000_ffffL);
    descriptor(m, USER_TSS, 0);
    field(m, 0x20, NEW_CODE);
    field(m, 0x24, 0x2);
    for (int i = 0; i < 8; i++) {
      field(m, 0x28 + 4 * i, 0x1111 * i);
    }
    field(m, 0x38, NEW_STACK);
    for (int i = 0; i < 6; i++) {
      field(m, 0x48 + 4 * i, GuestMachine.DATA0);
    }
    field(m, 0x4c, GuestMachine.CODE32);
    field(m, 0x60, 0);
    field(m, 0x64, 0x68 << 16);
    m.bytes(NEW_CODE, "f4");
    return m;
  }

  private static void descriptor(GuestMachine m, int selector, long value) {
    m.write64(GuestMachine.GDT + selector, value);
  }

  private static void field(GuestMachine m, int offset, int value) {
    m.host().write32(new Hpa(NEW_TSS + offset), value);
  }

  private static boolean busy(GuestMachine m, int selector) {
    return (m.read64(GuestMachine.GDT + selector) >>> 41 & 1) != 0;
  }

  /** Runs on as a hypervisor does, carrying out task switches. */
  private static int run(GuestMachine m) {
    int reason = m.run();
    for (int i = 0; i < 8 && reason == TASK_SWITCH; i++) {
      Emulation done = m.processor.switchTask(TaskSwitch.of(m.processor.exit()));
      if (done != Emulation.COMPLETED) {
        return m.processor.exit().reason;
      }
      reason = m.run();
    }
    return reason;
  }

  private static int run(GuestMachine m, String code) {
    m.bytes(GuestMachine.CODE, code);
    return run(m);
  }

  private static long stacked(GuestMachine m, int slot) {
    return m.read32(m.state().gpr(CpuState.RSP) + 4 * slot) & 0xffff_ffffL;
  }

  @Test
  void jumpSavesTheOldTaskAndLoadsTheNewOne() {
    try (GuestMachine m = machine()) {
      m.state().setGpr(CpuState.RBX, 0xbbbb);
      m.state().setDr(7, 0x4ff);

      assertThat(run(m, "f9 ea 00000000 5000 90")).isEqualTo(HLT);

      assertThat(m.state().rip()).isEqualTo(NEW_CODE);
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(0x3333);
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(NEW_STACK);
      assertThat(m.state().rflags()).isEqualTo(2);
      assertThat(m.state().segment(SegmentRegister.TR))
          .isEqualTo(new SegmentRegister(OTHER, NEW_TSS, 0x67, 0x8b));
      assertThat(m.state().cr(0) & 8).as("CR0.TS").isEqualTo(8);
      assertThat(m.state().dr(7)).as("local breakpoints off").isEqualTo(0x4aa);
      assertThat(busy(m, GuestMachine.TASK)).isFalse();
      assertThat(busy(m, OTHER)).isTrue();
      assertThat(m.read32(GuestMachine.TSS + 0x20)).isEqualTo(GuestMachine.CODE + 8);
      assertThat(m.read32(GuestMachine.TSS + 0x24)).isEqualTo(3);
      assertThat(m.read32(GuestMachine.TSS + 0x34)).isEqualTo(0xbbbb);
      assertThat(m.read32(GuestMachine.TSS + 0x4c)).isEqualTo(GuestMachine.CODE32);
      assertThat(m.read32(GuestMachine.TSS)).as("no link").isZero();
    }
  }

  @Test
  void callNestsAndIretReturns() {
    try (GuestMachine m = machine()) {
      m.bytes(NEW_CODE, "9c 58 42 cf f4");

      assertThat(run(m, "b8 77000000 9a 00000000 5000 f4")).isEqualTo(HLT);

      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + 12);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x77);
      assertThat(m.state().segment(SegmentRegister.TR).selector()).isEqualTo(GuestMachine.TASK);
      assertThat(busy(m, OTHER)).isFalse();
      assertThat(busy(m, GuestMachine.TASK)).isTrue();
      assertThat(m.read32(NEW_TSS) & 0xffff).as("link").isEqualTo(GuestMachine.TASK);
      assertThat(m.read32(NEW_TSS + 0x28)).as("flags seen by the task").isEqualTo(NT | 2);
      assertThat(m.read32(NEW_TSS + 0x24)).as("NT cleared on the way out").isEqualTo(2);
      assertThat(m.read32(NEW_TSS + 0x30)).isEqualTo(0x2223);
      assertThat(m.read32(NEW_TSS + 0x20)).isEqualTo(NEW_CODE + 4);
    }
  }

  @Test
  void callThroughTaskGateReachesTheTask() {
    try (GuestMachine m = machine()) {
      assertThat(run(m, "9a 00000000 5800 f4")).isEqualTo(HLT);
      assertThat(m.state().rip()).isEqualTo(NEW_CODE);
      assertThat(m.state().rflags()).isEqualTo(NT | 2);
    }
  }

  @Test
  void sixteenBitTaskTakesItsWords() {
    try (GuestMachine m = machine()) {
      descriptor(m, OTHER, 0x0000_8100_5000_002bL);
      m.host().write(new Hpa(NEW_TSS), new byte[0x40], 0, 0x40);
      for (int i = 0; i < 8; i++) {
        m.host().write16(new Hpa(NEW_TSS + 0x12 + 2 * i), 0x100 + i);
      }
      m.host().write16(new Hpa(NEW_TSS + 0x0e), 0x6000);
      m.host().write16(new Hpa(NEW_TSS + 0x24), GuestMachine.CODE16);
      m.host().write16(new Hpa(NEW_TSS + 0x26), GuestMachine.DATA0);
      m.bytes(0x6000, "f4");

      assertThat(run(m, "66ea 0000 5000")).isEqualTo(HLT);

      assertThat(m.state().rip()).isEqualTo(0x6000);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x100);
      assertThat(m.state().gpr(CpuState.RDI)).isEqualTo(0x107);
      assertThat(m.state().segment(SegmentRegister.FS).selector()).isZero();
      assertThat(m.state().segment(SegmentRegister.TR).accessRights()).isEqualTo(0x83);

      // and back to the 32-bit one, which saves this one in words
      m.bytes(0x6000, "ea 0000 3800");
      m.host().write32(new Hpa(GuestMachine.TSS + 0x20), NEW_CODE);
      m.host().write32(new Hpa(GuestMachine.TSS + 0x4c), GuestMachine.CODE32);
      assertThat(run(m)).isEqualTo(HLT);
      assertThat(m.read32(NEW_TSS + 0x0c) >>> 16).isEqualTo(0x6005);
    }
  }

  /** What is wrong with the TSS descriptor of a JMP, and the fault of the old task. */
  @ParameterizedTest
  @CsvSource({
    "0x0000890050000067, 0x50, -1, 0x0",
    "0x0000890050000066, 0x50, 10, 0x50",
    "0x000081005000002a, 0x50, 10, 0x50",
    "0x0000090050000067, 0x50, 11, 0x50",
    "0x00008b0050000067, 0x50, 13, 0x50",
    "0x0000820050000067, 0x50, 13, 0x50",
    "0x00008f0050000067, 0x50, 13, 0x50",
    "0x0000890050000067, 0x80, 13, 0x80"
  })
  void badTssFaultsInTheOldTask(String value, String selector, int vector, String code) {
    try (GuestMachine m = machine()) {
      descriptor(m, OTHER, Long.decode(value));
      int reason = run(m, "ea 00000000 %02x00".formatted(Integer.decode(selector)));
      if (vector == -1) {
        assertThat(reason).isEqualTo(HLT);
        return;
      }
      assertThat(m.handledVector()).isEqualTo(vector);
      assertThat(stacked(m, 0)).isEqualTo(Long.decode(code));
      assertThat(stacked(m, 1)).as("the old task's").isEqualTo(GuestMachine.CODE);
      assertThat(m.state().segment(SegmentRegister.TR).selector()).isEqualTo(GuestMachine.TASK);
      assertThat(busy(m, GuestMachine.TASK)).isTrue();
    }
  }

  @Test
  void taskGatesAreChecked() {
    try (GuestMachine m = machine()) {
      descriptor(m, GATE, 0x0000_6500_0000_0000L | (long) OTHER << 16);
      run(m, "ea 00000000 5800");
      assertThat(m.handledVector()).isEqualTo(11);
      assertThat(stacked(m, 0)).isEqualTo(GATE);
    }
    try (GuestMachine m = machine()) {
      descriptor(m, GATE, 0x0000_e500_0000_0000L | (long) (OTHER | 4) << 16);
      run(m, "ea 00000000 5800");
      assertThat(m.handledVector()).isEqualTo(13);
      assertThat(stacked(m, 0)).isEqualTo(OTHER | 4);
    }
    try (GuestMachine m = machine()) {
      descriptor(m, GATE, 0x0000_8500_0000_0000L | (long) OTHER << 16);
      run(m, "ea 00000000 5b00");
      assertThat(m.handledVector()).as("RPL above the gate's DPL").isEqualTo(13);
      assertThat(stacked(m, 0)).isEqualTo(GATE);
    }
  }

  @Test
  void iretToATaskThatIsNotBusyIsRefused() {
    try (GuestMachine m = machine()) {
      m.state().setRflags(NT | 2);
      m.host().write16(new Hpa(GuestMachine.TSS), OTHER);
      run(m, "cf");
      assertThat(m.handledVector()).isEqualTo(10);
      assertThat(stacked(m, 0)).isEqualTo(OTHER);
      assertThat(stacked(m, 1)).isEqualTo(GuestMachine.CODE);
    }
  }

  /** A field of the new TSS, its value, the fault in the new task and its error code. */
  @ParameterizedTest
  @CsvSource({
    "0x4c, 0x10, 10, 0x10", "0x4c, 0x00, 10, 0x0", "0x4c, 0x1b, 10, 0x18", "0x4c, 0x90, 10, 0x90",
    "0x4c, 0x68, 11, 0x68", "0x50, 0x00, 10, 0x0", "0x50, 0x18, 10, 0x18", "0x50, 0x13, 10, 0x10",
    "0x50, 0x23, 10, 0x20", "0x50, 0x68, 12, 0x68", "0x54, 0x68, 11, 0x68", "0x48, 0x38, 10, 0x38",
    "0x58, 0x13, 10, 0x10", "0x5c, 0x90, 10, 0x90", "0x60, 0x10, 10, 0x10", "0x60, 0x64, 10, 0x64",
    "0x54, 0x00, -1, 0x0", "0x60, 0x60, -1, 0x0", "0x60, 0x90, 10, 0x90"
  })
  void badRegistersFaultInTheNewTask(String offset, String selector, int vector, String code) {
    try (GuestMachine m = machine()) {
      int field = Integer.decode(offset);
      descriptor(m, TEST, field == 0x4c ? 0x00cf_1b00_0000_ffffL : 0x00cf_1300_0000_ffffL);
      field(m, field, Integer.decode(selector));
      // task gate for the fault, so that a task without a usable stack is seen as well
      descriptor(m, USER_TSS, 0x0000_8900_7000_0067L);
      handlerTask(m, vector);

      assertThat(run(m, "ea 00000000 5000")).isEqualTo(HLT);

      if (vector == -1) {
        assertThat(m.state().rip()).isEqualTo(NEW_CODE);
        return;
      }
      assertThat(m.state().rip()).isEqualTo(0x12000);
      assertThat(stacked(m, 0)).isEqualTo(Long.decode(code));
      assertThat(m.read32(NEW_TSS + 0x20)).as("the new task's").isEqualTo(NEW_CODE);
      assertThat(m.read32(0x7000) & 0xffff).isEqualTo(OTHER);
    }
  }

  private static void handlerTask(GuestMachine m, int vector) {
    if (vector < 0) {
      return;
    }
    m.write64(GuestMachine.IDT + 8 * vector, 0x0000_8500_0000_0000L | (long) USER_TSS << 16);
    m.bytes(0x12000, "f4");
    int[][] fields = {
      {0x20, 0x12000}, {0x24, 2}, {0x38, 0x3a000}, {0x48, 0x10}, {0x4c, 0x18}, {0x50, 0x10}
    };
    for (int[] f : fields) {
      m.host().write32(new Hpa(0x7000 + f[0]), f[1]);
    }
  }

  @Test
  void interruptThroughTaskGateNestsAndPushesItsErrorCode() {
    try (GuestMachine m = machine()) {
      m.write64(GuestMachine.IDT + 8 * 13, 0x0000_8500_0000_0000L | (long) OTHER << 16);
      // mov ds, 90h: #GP(90h)
      assertThat(run(m, "b8 90000000 8ed8")).isEqualTo(HLT);
      assertThat(stacked(m, 0)).isEqualTo(0x90);
      assertThat(m.state().gpr(CpuState.RSP)).isEqualTo(NEW_STACK - 4);
      assertThat(m.read32(GuestMachine.TSS + 0x20)).isEqualTo(GuestMachine.CODE + 5);
      assertThat(m.read32(GuestMachine.TSS + 0x24) & 0x10000).as("RF").isEqualTo(0x10000);
      assertThat(m.state().rflags()).isEqualTo(NT | 2);
    }
  }

  @Test
  void softwareInterruptThroughTaskGateReturnsBehindItself() {
    try (GuestMachine m = machine()) {
      m.write64(GuestMachine.IDT + 8 * 0x40, 0x0000_8500_0000_0000L | (long) OTHER << 16);
      m.bytes(NEW_CODE, "cf");
      assertThat(run(m, "cd40 f4")).isEqualTo(HLT);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + 2);
    }
  }

  @Test
  void faultOfTheSwitchWhileDeliveringAFaultIsADoubleFault() {
    try (GuestMachine m = machine()) {
      m.write64(GuestMachine.IDT + 8 * 13, 0x0000_8500_0000_0000L | (long) OTHER << 16);
      field(m, 0x54, 0x90);
      run(m, "b8 90000000 8ed8");
      assertThat(m.handledVector()).isEqualTo(8);
      assertThat(stacked(m, 1)).isEqualTo(NEW_CODE);
    }
  }

  @Test
  void externalEventsSetExtInTheErrorCode() {
    try (GuestMachine m = machine()) {
      m.write64(GuestMachine.IDT + 8 * 2, 0x0000_8500_0000_0000L | (long) OTHER << 16);
      field(m, 0x54, 0x90);
      m.bytes(GuestMachine.CODE, "90 f4");
      m.processor.requestNmi();
      run(m);
      assertThat(m.handledVector()).isEqualTo(10);
      assertThat(stacked(m, 0)).isEqualTo(0x91);
      assertThat(m.state().interruptibility()).as("NMI blocking").isEqualTo(8);
    }
  }

  @Test
  void trapFlagOfTheTssRaisesADebugException() {
    try (GuestMachine m = machine()) {
      field(m, 0x64, 0x68 << 16 | 1);
      run(m, "ea 00000000 5000");
      assertThat(m.handledVector()).isEqualTo(1);
      assertThat(m.state().dr(6) & 0x8000).isEqualTo(0x8000);
      assertThat(stacked(m, 0)).isEqualTo(NEW_CODE);
    }
  }

  @Test
  void virtual8086TaskTakesRealModeSegments() {
    try (GuestMachine m = machine()) {
      field(m, 0x24, 0x20002);
      field(m, 0x4c, 0x1100);
      field(m, 0x20, 0);
      field(m, 0x50, 0x2000);
      field(m, 4, GuestMachine.INNER_STACK);
      field(m, 8, GuestMachine.DATA0);
      m.bytes(NEW_CODE, "0f0b");
      run(m, "ea 00000000 5000");
      assertThat(m.handledVector()).isEqualTo(6);
      assertThat(stacked(m, 0)).isZero();
      assertThat(stacked(m, 1)).isEqualTo(0x1100);
      assertThat(stacked(m, 2) & 0x20000).isEqualTo(0x20000);
      assertThat(stacked(m, 4)).isEqualTo(0x2000);
    }
  }

  @Test
  void pagingTaskLoadsItsDirectory() {
    try (GuestMachine m = machine()) {
      // 4-MiB identity pages in two directories
      for (int directory : new int[] {0x101000, 0x102000}) {
        m.host().write32(new Hpa(directory), 0x83);
      }
      m.state().setCr(4, 0x10);
      m.state().setCr(3, 0x101000);
      m.state().setCr(0, 0x8000_0031L);
      field(m, 0x1c, 0x102000);
      assertThat(run(m, "ea 00000000 5000")).isEqualTo(HLT);
      assertThat(m.state().cr(3)).isEqualTo(0x102000);
    }
  }

  @Test
  void pageFaultOnTheNewTssLeavesTheOldTask() {
    try (GuestMachine m = machine()) {
      m.host().write32(new Hpa(0x101000), 0x100007);
      for (int page = 0; page < 1024; page++) {
        m.host().write32(new Hpa(0x100000 + 4 * page), page << 12 | (page == 5 ? 0 : 7));
      }
      m.state().setCr(3, 0x101000);
      m.state().setCr(0, 0x8000_0031L);
      run(m, "ea 00000000 5000");
      assertThat(m.handledVector()).isEqualTo(14);
      assertThat(m.state().cr(2)).isEqualTo(NEW_TSS + 0x20);
      assertThat(stacked(m, 1)).isEqualTo(GuestMachine.CODE);
    }
  }

  @Test
  void missingMemoryExitsAndTheSwitchGoesOn() {
    try (GuestMachine m = machine()) {
      field(m, 0x54, LDT | 0);
      field(m, 0x60, LDT);
      field(m, 0x54, 0xc);
      m.write64(0x6008, 0x00cf_9300_0000_ffffL);
      EptFault fault = m.refuse(NEW_TSS, GuestPhysicalMap.READ | GuestPhysicalMap.WRITE);
      m.refuse(0x6000, GuestPhysicalMap.READ | GuestPhysicalMap.WRITE);
      assertThat(fault).isNotNull();
      m.bytes(GuestMachine.CODE, "ea 00000000 5000");
      assertThat(m.run()).isEqualTo(TASK_SWITCH);
      TaskSwitch task = TaskSwitch.of(m.processor.exit());

      assertThat(m.processor.switchTask(task)).isEqualTo(Emulation.EXITED);
      assertThat(m.processor.exit().guestPhysicalAddress & -4096).isEqualTo(NEW_TSS);
      m.faults.remove((long) NEW_TSS >>> 12);
      m.processor.flushTranslations();
      assertThat(m.processor.switchTask(task)).isEqualTo(Emulation.EXITED);
      assertThat(m.processor.exit().guestPhysicalAddress).isEqualTo(0x6008);
      m.faults.remove(6L);
      m.processor.flushTranslations();
      assertThat(m.processor.switchTask(task)).isEqualTo(Emulation.COMPLETED);

      assertThat(m.run()).isEqualTo(HLT);
      assertThat(m.state().segment(SegmentRegister.DS).selector()).isEqualTo(0xc);
      assertThat(m.state().segment(SegmentRegister.LDTR).base()).isEqualTo(0x6000);
    }
  }

  @Test
  void handlersOfThisMachineExitWithVmcall() {
    try (GuestMachine m = machine()) {
      assertThat(run(m, "0f0b")).isEqualTo(VMCALL);
      assertThat(m.handledVector()).isEqualTo(6);
    }
  }
}
