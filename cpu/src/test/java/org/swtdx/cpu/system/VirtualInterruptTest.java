package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.memory.Hpa;

/** The virtual APIC, posted interrupts, HLT and kicks. */
@Timeout(20)
class VirtualInterruptTest {
  private static final int NOTIFICATION = 0xf2;
  private static final long DESCRIPTOR = 0x5000;
  private static final int IF = 0x200;

  private static GuestMachine machine() {
    GuestMachine m = new GuestMachine().long64(false);
    m.processor.controls().apicVirtualization = true;
    m.processor.controls().postedInterrupts = true;
    m.processor.controls().postedInterruptVector = NOTIFICATION;
    m.processor.controls().postedInterruptDescriptor = DESCRIPTOR;
    m.processor.controls().msrPolicy = (msr, write) -> false;
    return m;
  }

  private static void post(GuestMachine m, int vector) {
    m.host().getAndOr64(new Hpa(DESCRIPTOR + (vector >>> 6) * 8), 1L << vector);
    m.host().getAndOr64(new Hpa(DESCRIPTOR + 32), 1);
  }

  @Test
  void requestedInterruptIsDeliveredWhenInterruptsAreEnabled() {
    try (GuestMachine m = machine()) {
      m.processor.apic().request(0x51);
      assertThat(m.run("90 f4")).isEqualTo(ExitReason.HLT.number());
      assertThat(m.state().rip()).as("IF clear").isEqualTo(GuestMachine.CODE + 1);
      m.state().setRflags(2 | IF);
      m.run();
      assertThat(m.handledVector()).isEqualTo(0x51);
      assertThat(m.processor.apic().read(VirtualApicPage.ISR + 0x20)).isEqualTo(1 << 0x11);
      assertThat(m.processor.apic().read(VirtualApicPage.PPR)).isEqualTo(0x50);
      assertThat(m.processor.apic().interruptPending()).isFalse();
    }
  }

  @Test
  void stiDelaysDeliveryByOneInstruction() {
    try (GuestMachine m = machine()) {
      m.processor.apic().request(0x51);
      m.run("fb 48ffc0 48ffc0 f4");
      assertThat(m.handledVector()).isEqualTo(0x51);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(1);
    }
  }

  @Test
  void movSsDelaysDeliveryByOneInstruction() {
    try (GuestMachine m = machine()) {
      m.processor.apic().request(0x51);
      m.state().setGpr(CpuState.RCX, GuestMachine.DATA0);
      // sti; mov ss, ecx; inc rax; inc rax; hlt
      m.run("fb 8ed1 48ffc0 48ffc0 f4");
      assertThat(m.handledVector()).isEqualTo(0x51);
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(1);
    }
  }

  @Test
  void loweringCr8OpensTheWay() {
    try (GuestMachine m = machine()) {
      m.processor.apic().request(0x51);
      m.state().setRflags(2 | IF);
      m.processor.apic().write(VirtualApicPage.TPR, 0xf0);
      m.run("440f22c3 48ffc0 f4");
      assertThat(m.handledVector()).isEqualTo(0x51);
      assertThat(m.state().gpr(CpuState.RAX)).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"0x40, true", "0x5f, false", "0x50, false", "0x4f, true", "0xf0, false"})
  void taskPriorityHoldsInterruptsBack(String tpr, boolean delivered) {
    try (GuestMachine m = machine()) {
      m.state().setRflags(2 | IF);
      m.processor.apic().request(0x51);
      m.processor.apic().write(VirtualApicPage.TPR, Integer.decode(tpr));
      m.run("f4");
      assertThat(m.handledVector()).isEqualTo(delivered ? 0x51 : -1);
    }
  }

  @Test
  void higherPriorityInterruptNestsAndLowerWaitsForEoi() {
    try (GuestMachine m = machine()) {
      m.state().setRflags(2 | IF);
      // handler 61h: sti; nop; inc rbx; eoi by wrmsr 80bh; inc rbx...; hlt
      m.bytes(GuestMachine.HANDLERS + 16 * 0x61, "fb 90 48ffc3 e9 00010000".replace(" ", ""));
      m.bytes(
          GuestMachine.HANDLERS + 16 * 0x61 + 10 + 0x100, "b90b080000 31c0 31d2 0f30 48ffc3 f4");
      m.processor.apic().request(0x61);
      m.processor.apic().request(0x52);
      m.bytes(GuestMachine.CODE, "f4");
      m.run();
      assertThat(m.handledVector()).as("after the EOI").isEqualTo(0x52);
      assertThat(m.state().gpr(CpuState.RBX)).isEqualTo(1);
      assertThat(m.processor.apic().read(VirtualApicPage.PPR)).isEqualTo(0x50);
    }
  }

  @Test
  void x2apicRegistersAreVirtualised() {
    try (GuestMachine m = machine()) {
      m.processor.apic().write(VirtualApicPage.IRR + 0x10, 0x8000);
      m.run("b921080000 0f32 f4");
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x8000);
    }
    try (GuestMachine m = machine()) {
      m.run("b908080000 b830000000 31d2 0f30 0f32 440f20c3 f4");
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(0x30);
      assertThat(m.state().gpr(CpuState.RBX)).as("CR8").isEqualTo(3);
    }
    try (GuestMachine m = machine()) {
      m.run("b908080000 b800010000 31d2 0f30 f4");
      assertThat(m.handledVector()).as("reserved bits").isEqualTo(13);
    }
    try (GuestMachine m = machine()) {
      m.state().setRflags(2 | IF);
      m.run("b93f080000 b877000000 31d2 0f30 f4");
      assertThat(m.handledVector()).as("SELF IPI").isEqualTo(0x77);
    }
    try (GuestMachine m = machine()) {
      m.run("b930080000 0f30 f4");
      assertThat(m.handledVector()).as("ICR is the owner's").isEqualTo(13);
    }
  }

  @Test
  void notificationMergesPostedInterruptsWithoutExit() throws InterruptedException {
    try (GuestMachine m = machine()) {
      m.state().setRflags(2 | IF);
      m.bytes(GuestMachine.CODE, "ebfe");
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (m.processor.instructionCount() < 1000) {
                      Thread.onSpinWait();
                    }
                    post(m, 0x33);
                    post(m, 0xe1);
                    m.lp.sendInterrupt(NOTIFICATION);
                  });
      assertThat(m.run()).isEqualTo(ExitReason.VMCALL.number());
      sender.join();
      assertThat(m.handledVector()).isEqualTo(0xe1);
      assertThat(m.read64(DESCRIPTOR + 32) & 1).isZero();
      assertThat(m.read64(DESCRIPTOR)).isZero();
      assertThat(m.processor.apic().read(VirtualApicPage.IRR + 0x10)).isEqualTo(1 << 0x13);
    }
  }

  @Test
  void otherVectorsExitWithTheVector() {
    try (GuestMachine m = machine()) {
      m.bytes(GuestMachine.CODE, "ebfe");
      Thread.ofPlatform()
          .start(
              () -> {
                while (m.processor.instructionCount() < 1000) {
                  Thread.onSpinWait();
                }
                m.lp.sendInterrupt(0xec);
              });
      assertThat(m.run()).isEqualTo(ExitReason.EXTERNAL_INTERRUPT.number());
      assertThat(m.processor.exit().interruptionInfo).isEqualTo(1 << 31 | 0xec);
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE);
    }
  }

  @Test
  void kickBetweenMaskingAndEntryIsNotLost() {
    try (GuestMachine m = machine()) {
      m.bytes(GuestMachine.CODE, "ebfe");
      m.lp.maskInterrupts();
      m.lp.kick();
      assertThat(m.run()).isEqualTo(ExitReason.EXTERNAL_INTERRUPT.number());
      assertThat(m.processor.instructionCount()).isZero();
      m.lp.unmaskInterrupts();
    }
  }

  @Test
  void everyKickEndsARun() throws InterruptedException {
    try (GuestMachine m = machine()) {
      m.bytes(GuestMachine.CODE, "ebfe");
      int rounds = 300;
      CountDownLatch[] entered = new CountDownLatch[rounds];
      for (int i = 0; i < rounds; i++) {
        entered[i] = new CountDownLatch(1);
      }
      Thread kicker =
          Thread.ofPlatform()
              .start(
                  () ->
                      assertThatNoException()
                          .isThrownBy(
                              () -> {
                                for (CountDownLatch latch : entered) {
                                  latch.await();
                                  m.lp.kick();
                                }
                              }));
      for (int i = 0; i < rounds; i++) {
        m.lp.maskInterrupts();
        entered[i].countDown();
        assertThat(m.run()).isEqualTo(ExitReason.EXTERNAL_INTERRUPT.number());
        m.lp.unmaskInterrupts();
      }
      kicker.join();
    }
  }

  @Test
  void haltedProcessorWakesForAPostedInterrupt() throws InterruptedException {
    try (GuestMachine m = machine()) {
      m.processor.controls().hltExiting = false;
      m.bytes(GuestMachine.CODE, "fb f4 f4");
      Thread runner = Thread.currentThread();
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (runner.getState() != Thread.State.WAITING) {
                      Thread.onSpinWait();
                    }
                    post(m, 0x44);
                    m.lp.sendInterrupt(NOTIFICATION);
                  });
      assertThat(m.run()).isEqualTo(ExitReason.VMCALL.number());
      sender.join();
      assertThat(m.handledVector()).isEqualTo(0x44);
      assertThat(m.read64(m.state().gpr(CpuState.RSP))).isEqualTo(GuestMachine.CODE + 2);
      assertThat(m.state().activityState()).isEqualTo(GuestSystem.ACTIVE);
    }
  }

  @Test
  void haltedProcessorExitsForAKickAndStaysHalted() throws InterruptedException {
    try (GuestMachine m = machine()) {
      m.processor.controls().hltExiting = false;
      m.bytes(GuestMachine.CODE, "f4");
      Thread runner = Thread.currentThread();
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (runner.getState() != Thread.State.WAITING) {
                      Thread.onSpinWait();
                    }
                    m.lp.kick();
                  });
      assertThat(m.run()).isEqualTo(ExitReason.EXTERNAL_INTERRUPT.number());
      sender.join();
      assertThat(m.state().activityState()).isEqualTo(GuestSystem.HLT);
    }
  }

  @Test
  void windowsExitAsSoonAsTheyOpen() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().interruptWindowExiting = true;
      assertThat(m.run("90 fb 90 90 f4")).isEqualTo(ExitReason.INTERRUPT_WINDOW.number());
      assertThat(m.state().rip()).isEqualTo(GuestMachine.CODE + 3);
    }
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.processor.controls().nmiWindowExiting = true;
      m.state().setInterruptibility(GuestSystem.BLOCKED_BY_NMI);
      assertThat(m.run("90 f4")).isEqualTo(ExitReason.HLT.number());
      m.state().setInterruptibility(0);
      assertThat(m.run()).isEqualTo(ExitReason.NMI_WINDOW.number());
    }
  }

  @Test
  void flushFromAnotherThreadReachesARunningGuest() throws InterruptedException {
    try (GuestMachine m = machine()) {
      m.write64(0x40000, 1);
      m.write64(0x41000, 2);
      // again: mov rax, [40000h]; cmp rax, 2; jne again; hlt
      m.bytes(GuestMachine.CODE, "488b042500000400 4883f802 75f2 f4");
      Thread changer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (m.processor.instructionCount() < 1000) {
                      Thread.onSpinWait();
                    }
                    m.redirect(0x40000, 0x41000);
                    m.processor.flushTranslations();
                  });
      assertThat(m.run()).isEqualTo(ExitReason.HLT.number());
      changer.join(TimeUnit.SECONDS.toMillis(5));
      assertThat(m.state().gpr(CpuState.RAX)).isEqualTo(2);
    }
  }
}
