package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.events.PlatformEvents.Kind;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdAttributes;
import org.swtdx.tdxmodule.vp.VcpuState;

/** Entering a TD, leaving it, and what passes between host and guest. */
@Timeout(20)
class GuestRunTest {
  private static final int EXTERNAL_INTERRUPT = 1;
  private static final int TRIPLE_FAULT = 2;
  private static final int TDCALL = 77;
  private static final int NMI = 2;
  private static final int RESCHEDULE = 0xfd;
  private static final int NOTIFICATION = 0xf2;

  @Test
  @Timeout(20)
  void anotherVcpusIntegrityErrorEndsThisVcpuAtItsNextExit() throws InterruptedException {
    try (GuestTd td = new GuestTd(new GuestCode().spin())) {
      Thread other =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (td.vcpu().tdvps().state() != VcpuState.ACTIVE) {
                      Thread.onSpinWait();
                    }
                    td.host.td(td.tdr).setFatal();
                    while (td.vcpu().tdvps().state() == VcpuState.ACTIVE) {
                      td.lp.kick(); // before the guest is entered it is the host's own
                      Thread.onSpinWait();
                    }
                  });

      assertThat(td.enter()).isEqualTo(Status.NON_RECOVERABLE_TD_NON_ACCESSIBLE | 1);

      other.join();
      assertThat(td.enter()).isEqualTo(Status.TD_FATAL);
    }
  }

  @Test
  void vcpuStartsInTheSpecifiedState() {
    try (GuestTd td = new GuestTd(new GuestCode())) {
      CpuState state = td.vcpu().state();

      assertThat(state.rip()).isEqualTo(0xfffffff0L);
      assertThat(state.rflags()).isEqualTo(2);
      assertThat(state.gpr(CpuState.RAX)).isZero();
      assertThat(state.gpr(CpuState.RBX)).isEqualTo(48);
      assertThat(state.gpr(CpuState.RCX)).isEqualTo(0x1234);
      assertThat(state.gpr(CpuState.RDX))
          .isEqualTo(Integer.toUnsignedLong(CpuidModel.nativeModel().cpuid(1, 0).eax()));
      assertThat(state.gpr(CpuState.RSI)).isZero();
      assertThat(state.gpr(8)).isEqualTo(0x1234);
      assertThat(state.gpr(CpuState.RSP)).isZero();
      assertThat(state.cr(0) & 0xe0000021L).isEqualTo(0x21);
      assertThat(state.cr(4)).isEqualTo(0x2040);
      assertThat(state.msr(0xc0000080)).isEqualTo(0x901);
      assertThat(state.msr(0x277)).isEqualTo(0x0007040600070406L);
      assertThat(state.msr(0xc0000084)).isEqualTo(0x20200);
      assertThat(state.xcr0()).isEqualTo(1);
      assertThat(state.dr(6)).isEqualTo(0xffff0ff0L);
      assertThat(state.dr(7)).isEqualTo(0x400);
      assertThat(state.segment(SegmentRegister.CS))
          .isEqualTo(new SegmentRegister(0, 0, -1, 0xc09b));
      assertThat(state.segment(SegmentRegister.DS).accessRights()).isEqualTo(0xc093);
      assertThat(state.segment(SegmentRegister.TR).accessRights()).isEqualTo(0x8b);
      assertThat(state.segment(SegmentRegister.LDTR).accessRights()).isEqualTo(0x10082);
    }
  }

  @Test
  void vmcallShowsTheSelectedRegistersOnly() {
    GuestCode code = new GuestCode();
    for (int i = 2; i < 16; i++) {
      if (i != GuestCode.RSP) {
        code.set(i, 0x100 + i);
      }
    }
    try (GuestTd td = new GuestTd(code.vmcall(1 << 10 | 1 << 12 | 1 << 3))) {
      SeamRegisters regs = td.host.regs;
      regs.rbp = 0x7777;

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(regs.rcx).isEqualTo(1 << 10 | 1 << 12 | 1 << 3);
      assertThat(regs.r10).isEqualTo(0x10a);
      assertThat(regs.r12).isEqualTo(0x10c);
      assertThat(regs.rbx).isEqualTo(0x103);
      assertThat(
              new long[] {
                regs.rdx, regs.rsi, regs.rdi, regs.r8, regs.r9, regs.r11, regs.r13, regs.r14,
                regs.r15
              })
          .containsOnly(0);
      assertThat(regs.rbp).as("NO_RBP_MOD").isEqualTo(0x7777);
    }
  }

  @Test
  void hostAnswersInTheSelectedRegistersOnly() {
    GuestCode code =
        new GuestCode()
            .set(9, 0x99)
            .set(10, 0)
            .set(11, 30)
            .vmcall(1 << 10 | 1 << 11)
            .move(12, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      SeamRegisters regs = td.host.regs;
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(td.host.events.snapshot(Kind.TDVMCALL)).containsEntry("Instruction.IO", 1L);
      regs.r9 = 0xbad;
      regs.r10 = 0xa;
      regs.r11 = 0xb;

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(regs.r9).isEqualTo(0x99);
      assertThat(regs.r10).isEqualTo(0xa);
      assertThat(regs.r11).isEqualTo(0xb);
      assertThat(regs.r12).as("RAX").isZero();
    }
  }

  @Test
  void vmcallRefusesRegistersThatAreNeverPassed() {
    GuestCode code =
        new GuestCode()
            .vmcall(1 << 4)
            .move(8, GuestCode.RAX)
            .vmcall(1 << 5)
            .move(9, GuestCode.RAX)
            .vmcall(1L << 32)
            .move(10, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      long invalid = Status.with(Status.OPERAND_INVALID, Operand.RCX);
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(td.host.regs.r8).as("RSP").isEqualTo(invalid);
      assertThat(td.host.regs.r9).as("RBP").isEqualTo(invalid);
      assertThat(td.host.regs.r10).as("reserved").isEqualTo(invalid);
    }
  }

  @Test
  void infoTellsAddressWidthAndVcpus() {
    GuestCode code =
        new GuestCode().leaf(1).move(12, GuestCode.RCX).move(13, GuestCode.RDX).report();
    try (GuestTd td = new GuestTd(TdAttributes.SEPT_VE_DISABLE, 4, code)) {
      SeamRegisters regs = td.host.regs;
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(regs.r12).isEqualTo(48);
      assertThat(regs.r13).isEqualTo(TdAttributes.SEPT_VE_DISABLE);
      assertThat(regs.r8).isEqualTo(1 | 4L << 32);
      assertThat(regs.r9).isZero();
      assertThat(regs.r10).isEqualTo(1);
      assertThat(td.host.events.snapshot(Kind.TDCALL))
          .containsEntry("TDG.VP.INFO", 1L)
          .containsEntry("TDG.VP.VMCALL", 1L);
    }
  }

  @Test
  void unknownLeavesAndVersionsAreRefused() {
    GuestCode code =
        new GuestCode()
            .leaf(25)
            .move(12, GuestCode.RAX)
            .leaf(0x1_0001)
            .move(13, GuestCode.RAX)
            .set(GuestCode.RAX, 1L << 24 | 1)
            .tdcall()
            .move(14, GuestCode.RAX)
            .leaf(3)
            .move(11, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      long invalid = Status.with(Status.OPERAND_INVALID, Operand.RAX);
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(td.host.regs.r12).isEqualTo(invalid);
      assertThat(td.host.regs.r13).isEqualTo(invalid);
      assertThat(td.host.regs.r14).isEqualTo(invalid);
      assertThat(td.host.regs.r11).isEqualTo(Status.NO_VALID_VE_INFO);
    }
  }

  @Test
  void guestReadsAndWritesItsMetadata() {
    long attributes = TdFields.TABLE.idOf("ATTRIBUTES");
    long supervisorVe = VcpuFields.TABLE.idOf("CPUID_SUPERVISOR_VE");
    long eptp = TdFields.TABLE.idOf("EPTP");
    GuestCode code =
        new GuestCode()
            .leaf(7, 0, attributes)
            .move(12, 8)
            .leaf(10, 0, supervisorVe, 1, 1)
            .move(13, GuestCode.RAX)
            .leaf(9, 0, supervisorVe)
            .move(14, 8)
            .leaf(7, 0, eptp)
            .move(10, GuestCode.RAX)
            .report();
    try (GuestTd td = new GuestTd(TdAttributes.SEPT_VE_DISABLE, 4, code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(td.host.regs.r12).isEqualTo(TdAttributes.SEPT_VE_DISABLE);
      assertThat(td.host.regs.r13).isZero();
      assertThat(td.host.regs.r14).isEqualTo(1);
      assertThat(td.host.regs.r10).isEqualTo(Status.METADATA_FIELD_NOT_READABLE);
      assertThat(td.vcpu().cpuidSupervisorVe).isEqualTo(1);
    }
  }

  @Test
  void interruptForTheHostEndsTheEntryAndScrubsRegisters() {
    GuestCode code = new GuestCode();
    for (int i = 8; i < 16; i++) {
      code.set(i, -1);
    }
    try (GuestTd td = new GuestTd(code.spin())) {
      td.lp.maskInterrupts();
      td.lp.sendInterrupt(RESCHEDULE);

      assertThat(td.enter()).isEqualTo(EXTERNAL_INTERRUPT);

      SeamRegisters regs = td.host.regs;
      assertThat(regs.r9).isEqualTo(0x8000_0000L | RESCHEDULE);
      assertThat(
              new long[] {
                regs.rdx, regs.rbx, regs.r8, regs.r10, regs.r11, regs.r12, regs.r13, regs.r14,
                regs.r15
              })
          .containsOnly(0);
    }
  }

  @Test
  void tripleFaultDisablesTheVcpu() {
    // An empty IDT turns the first exception into a shutdown.
    GuestCode code = new GuestCode().hex("0f011c25").imm32(GuestTd.DATA).hex("0f0b");
    try (GuestTd td = new GuestTd(code)) {
      long status = td.enter();

      assertThat(status).isEqualTo(Status.NON_RECOVERABLE_VCPU | TRIPLE_FAULT);
      assertThat(td.enter()).isEqualTo(Status.VCPU_STATE_INCORRECT);
      assertThat(td.readVcpu(VcpuFields.TABLE.idOf("VCPU_INDEX"))).isZero();
    }
  }

  @Test
  void pendingNmiIsDeliveredOnce() {
    GuestCode code = new GuestCode().report().spin();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      Host.ok(td.writeVcpu(VcpuFields.TABLE.idOf("PEND_NMI"), 1, 1));

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r15).isEqualTo(NMI);
      Host.ok(td.readVcpu(VcpuFields.TABLE.idOf("PEND_NMI")));
      assertThat(td.host.regs.r8).isZero();
    }
  }

  @Test
  void postedInterruptReachesTheGuest() {
    long vector = VcpuFields.TABLE.idOf("POSTED_INTERRUPT_NOTIFICATION_VECTOR");
    long descriptor = VcpuFields.TABLE.idOf("POSTED_INTERRUPT_DESCRIPTOR_ADDRESS");
    long pin = VcpuFields.TABLE.idOf("PIN_BASED_VM_EXECTION_CONTROLS");
    long details = VcpuFields.TABLE.idOf("VCPU_STATE_DETAILS");
    try (GuestTd td = new GuestTd(new GuestCode().report().hex("fb").spin())) {
      assertThat(td.writeVcpu(pin, 0x80, 0x80))
          .isEqualTo(Status.with(Status.TD_VMCS_FIELD_NOT_INITIALIZED, 2));
      Host.ok(td.writeVcpu(vector, NOTIFICATION, 0xffff));
      Host.ok(td.writeVcpu(descriptor, 0x14_0000, -1));
      Host.ok(td.writeVcpu(pin, 0x80, 0x80));
      assertThat(td.enter()).isEqualTo(TDCALL);
      Host.ok(td.readVcpu(details));
      assertThat(td.host.regs.r8).isZero();
      // Vector 0x65 in PIR, ON set, then the notification.
      td.host.host().write64(new Hpa(0x14_0000 + 8), 1L << 0x65 - 64);
      td.host.host().write64(new Hpa(0x14_0000 + 32), 1);
      td.lp.maskInterrupts();
      td.lp.sendInterrupt(NOTIFICATION);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r15).as("handler of 0x65, shared with 0x25").isEqualTo(0x25);
    }
  }

  @Test
  void vcpuBelongsToOneLpUntilItIsFlushed() {
    LogicalProcessor other;
    try (GuestTd td = new GuestTd(new GuestCode().report())) {
      other = td.host.platform.processors().get(1);
      assertThat(td.enterOn(other)).isEqualTo(Status.VCPU_ASSOCIATED);
      Host.ok(td.flush());
      assertThat(td.flush()).isEqualTo(Status.VCPU_NOT_ASSOCIATED);

      assertThat(td.enterOn(other)).isEqualTo(TDCALL);

      assertThat(td.enter()).isEqualTo(Status.VCPU_ASSOCIATED);
    }
  }

  @Test
  void runningVcpuHoldsTheTdAndItsEpoch() throws InterruptedException {
    try (GuestTd td = new GuestTd(new GuestCode().spin())) {
      Tdcs tdcs = td.tdcs();
      AtomicLong status = new AtomicLong();
      SeamRegisters own = new SeamRegisters();
      own.rcx = td.tdvpr;
      Thread vcpu =
          new Thread(
              () -> {
                td.host.module.seamcall(td.lp, own);
                status.set(own.rax);
              });
      vcpu.start();
      while (tdcs.epochs().refcount(1) == 0) {
        Thread.onSpinWait();
      }
      LogicalProcessor other = td.host.platform.processors().get(1);

      Host.ok(td.host.callOn(other, Host.MEM_TRACK, td.tdr));
      assertThat(
              Status.is(
                  td.host.callOn(other, Host.MEM_TRACK, td.tdr), Status.PREVIOUS_TLB_EPOCH_BUSY))
          .isTrue();
      assertThat(td.host.callOn(other, Host.VPFLUSHDONE, td.tdr))
          .isEqualTo(Status.with(Status.OPERAND_BUSY, Operand.RCX));
      while (vcpu.isAlive()) {
        td.lp.kick(); // a kick before the guest is entered is the host's own and has no effect
        Thread.onSpinWait();
      }
      vcpu.join();

      assertThat(status.get()).isEqualTo(EXTERNAL_INTERRUPT);
      Host.ok(td.host.callOn(other, Host.MEM_TRACK, td.tdr));
    }
  }

  @Test
  void debugTdShowsItsRegistersToTheHost() {
    long r8 = VcpuFields.TABLE.idOf("R8");
    GuestCode code = new GuestCode().set(8, 0x4242).vmcall(0);
    try (GuestTd debug = new GuestTd(TdAttributes.DEBUG, 4, code);
        GuestTd production = new GuestTd(code)) {
      assertThat(debug.enter()).isEqualTo(TDCALL);
      assertThat(production.enter()).isEqualTo(TDCALL);

      Host.ok(debug.readVcpu(r8));
      assertThat(debug.host.regs.r8).isEqualTo(0x4242);
      assertThat(production.readVcpu(r8)).isEqualTo(Status.METADATA_FIELD_NOT_READABLE);
    }
  }

  @Test
  void enterChecksItsOperandAndTheTdsState() {
    try (GuestTd td = new GuestTd(new GuestCode().report())) {
      assertThat(td.host.call(0, td.tdvpr | 1L << 60))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
      assertThat(Status.is(td.host.call(0, td.tdr), Status.PAGE_METADATA_INCORRECT)).isTrue();
      td.host.td(td.tdr).setFatal();
      assertThat(td.enter()).isEqualTo(Status.TD_FATAL);
    }
  }
}
