package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.kvm.uapi.KvmLapicState;

/** What user space reads and sets of a local APIC while vectors are on their way to it. */
@Timeout(60)
final class ApicRegistersTest {
  private static final int SVR = 0xf, IRR = 0x20, LVT_TIMER = 0x32;
  private static final int ESR = 0x28, ICR = 0x30, ICR2 = 0x31;
  private static final int TIMER_INITIAL = 0x38, TIMER_CURRENT = 0x39, TIMER_DIVIDE = 0x3e;
  private static final int ENABLED = 0x1ff;
  private static final int PERIODIC_VECTOR_32 = 0x2_0020;

  @AutoClose private final OrdinaryVm guest = new OrdinaryVm().splitIrqchip();
  private final KvmVcpu vcpu = guest.vcpu(0);
  private final Lapic apic =
      ((VcpuFile) Objects.requireNonNull(guest.process.file(vcpu.fd()))).vcpu().lapic();

  private KvmLapicState registers() {
    KvmLapicState registers = new KvmLapicState();
    assertThat(vcpu.getLapic(registers)).isZero();
    return registers;
  }

  /** The lowest requested vector, or 0. */
  private int requested() {
    KvmLapicState registers = registers();
    for (int word = 0; word < 8; word++) {
      if (registers.reg(IRR + word) != 0) {
        return word << 5 | Integer.numberOfTrailingZeros(registers.reg(IRR + word));
      }
    }
    return 0;
  }

  @Test
  void anInterruptCommandHasADestinationOfEightBitsAndIsNeverBusy() {
    apic.write(ICR2, -1);
    apic.write(ICR, 0x5041);

    assertThat(registers().reg(ICR2)).isEqualTo(0xff00_0000);
    assertThat(registers().reg(ICR)).isEqualTo(0x4041);
  }

  @Test
  void anInterruptCommandAndErrorsAreSetWithoutAnythingSent() {
    KvmLapicState saved = registers();
    saved.reg(SVR, ENABLED).reg(ICR, 0x4_4041).reg(ICR2, 0x0100_0000).reg(ESR, 0x40);

    assertThat(vcpu.setLapic(saved)).isZero();

    assertThat(registers().reg(ICR)).isEqualTo(0x4_4041);
    assertThat(registers().reg(ICR2)).isEqualTo(0x0100_0000);
    assertThat(registers().reg(ESR)).isEqualTo(0x40);
    assertThat(requested()).as("the command is one to itself").isZero();
  }

  @Test
  void theTimerGoesOnFromItsCurrentCount() {
    KvmLapicState saved = registers();
    saved.reg(SVR, ENABLED).reg(LVT_TIMER, PERIODIC_VECTOR_32).reg(TIMER_DIVIDE, 0xb);
    saved.reg(TIMER_INITIAL, -1).reg(TIMER_CURRENT, 0x8000_0000);
    assertThat(vcpu.setLapic(saved)).isZero();
    assertThat(registers().reg(TIMER_CURRENT)).isBetween(0x4000_0000, 0x7fff_ffff);

    assertThat(vcpu.setLapic(saved.reg(TIMER_CURRENT, 0))).isZero();
    assertThat(registers().reg(TIMER_CURRENT)).as("a new period").isNegative();
    assertThat(requested()).isZero();

    assertThat(vcpu.setLapic(saved.reg(LVT_TIMER, 32))).isZero();
    while (requested() != 32) {
      Thread.onSpinWait(); // a one-shot timer is due
    }
  }

  @Test
  void aPostedVectorIsRead() {
    apic.write(SVR, ENABLED);
    apic.accept(0x41);

    assertThat(requested()).isEqualTo(0x41);
  }

  @Test
  void aPostedVectorDoesNotOutliveTheRegistersThatItWasPostedTo() {
    KvmLapicState atReset = registers();
    apic.write(SVR, ENABLED);
    apic.accept(0x41);

    assertThat(vcpu.setLapic(atReset)).isZero();

    assertThat(requested()).isZero();
  }

  @Test
  void theTimerOfTheOldRegistersIsStopped() throws InterruptedException {
    KvmLapicState atReset = registers();
    apic.write(SVR, ENABLED);
    apic.write(LVT_TIMER, PERIODIC_VECTOR_32);
    apic.write(TIMER_INITIAL, 1_000_000);
    while (requested() != 32) {
      Thread.sleep(1);
    }

    assertThat(vcpu.setLapic(atReset)).isZero();

    Thread.sleep(10);
    assertThat(requested()).isZero();
    assertThat(registers().reg(TIMER_CURRENT)).isZero();
  }
}
