package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.ZeroStepDefence;

/** A host that keeps a vCPU at one instruction by withholding a private page. */
@Timeout(20)
class ZeroStepTest {
  private static final int EPT_VIOLATION = 48;
  private static final int TDCALL = 77;
  private static final int VIRTUALIZATION = 20;
  private static final long MISSING = 0x60_0000;
  private static final long NOTIFY_ENABLES = 0x9110_0003_0000_0010L;

  private static GuestCode touching() {
    return new GuestCode().load(MISSING).move(12, GuestCode.RAX).report().spin();
  }

  private static void suspect(GuestTd td) {
    for (int i = 0; i <= ZeroStepDefence.THRESHOLD; i++) {
      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);
    }
    assertThat(td.vcpu().zeroStepDefence().suspected()).isTrue();
  }

  @Test
  void afterTooManyViolationsTheVcpuDoesNotRunUntilThePageIsThere() {
    try (GuestTd td = new GuestTd(touching())) {
      suspect(td);
      long executed = td.vcpu().processor().instructionCount();

      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);

      assertThat(td.host.regs.r8).isEqualTo(MISSING);
      assertThat(td.host.regs.rcx).as("made up as a write").isEqualTo(2);
      assertThat(td.vcpu().processor().instructionCount()).isEqualTo(executed);
      assertThat(td.tdcs().epochs().refcount(0) + td.tdcs().epochs().refcount(1)).isZero();
      td.augment(MISSING); // pending: the access becomes #VE
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(td.host.regs.r15).isEqualTo(VIRTUALIZATION);
      assertThat(td.vcpu().zeroStepDefence().suspected()).isFalse();
    }
  }

  @Test
  void theGuestIsToldIfItWants() {
    GuestCode code =
        new GuestCode().set(9, -1).leaf(8, 0, NOTIFY_ENABLES, 1).load(MISSING).report().spin();
    try (GuestTd td = new GuestTd(code)) {
      suspect(td);
      long rip = td.vcpu().state().rip();
      td.augment(MISSING);
      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r15).isEqualTo(VIRTUALIZATION);
      assertThat(td.host.regs.rbx).isEqualTo(rip);
      assertThat(td.host.regs.r12).isEqualTo(EPT_VIOLATION);
    }
  }

  @Test
  void aBusyTreeFailsTheEntry() {
    try (GuestTd td = new GuestTd(touching())) {
      suspect(td);
      assertThat(td.tdcs().sept().treeLock().tryHost(false)).isTrue();

      assertThat(td.enter()).isEqualTo(Status.with(Status.OPERAND_BUSY, Operand.SEPT_TREE));

      td.tdcs().sept().treeLock().release(false);
      assertThat(td.tdcs().epochs().refcount(0) + td.tdcs().epochs().refcount(1)).isZero();
      assertThat(td.enter()).isEqualTo(EPT_VIOLATION);
    }
  }

  @Test
  void progressClearsTheSuspicion() {
    GuestCode code = new GuestCode().load(MISSING).load(MISSING + 0x20_0000).report().spin();
    try (GuestTd td = new GuestTd(code)) {
      for (int i = 0; i < ZeroStepDefence.THRESHOLD; i++) {
        assertThat(td.enter()).isEqualTo(EPT_VIOLATION);
      }
      assertThat(td.vcpu().zeroStepDefence().violations()).isEqualTo(ZeroStepDefence.THRESHOLD);
      td.augment(MISSING);
      td.enter();
      assertThat(td.vcpu().zeroStepDefence().violations()).isZero();
    }
  }
}
