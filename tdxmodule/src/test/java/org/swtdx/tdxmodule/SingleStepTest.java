package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host that interrupts a vCPU right after each entry. */
@Timeout(20)
class SingleStepTest {
  private static final int EXTERNAL_INTERRUPT = 1;
  private static final int TDCALL = 77;
  private static final int NOPS = 2000;

  /** Interrupts the next entry before its first instruction. */
  private static long interruptedEntry(GuestTd td) {
    td.lp.maskInterrupts();
    td.lp.kick();
    long rax = td.enter();
    td.lp.unmaskInterrupts();
    return rax;
  }

  @Test
  void anImmediateInterruptLeavesAfterARandomNumberOfInstructions() {
    GuestCode code = new GuestCode().report();
    for (int i = 0; i < NOPS; i++) {
      code.hex("90");
    }
    try (GuestTd td = new GuestTd(code.spin())) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      Set<Long> seen = new HashSet<>();
      for (int i = 0; i < 50; i++) {
        long before = td.vcpu().state().rip();

        assertThat(interruptedEntry(td)).isEqualTo(EXTERNAL_INTERRUPT);

        long progress = td.vcpu().state().rip() - before;
        assertThat(progress).isBetween(1L, 33L); // the interrupt itself may let one instruction by
        seen.add(progress);
      }
      assertThat(seen).as("random").hasSizeGreaterThan(10);
      assertThat(td.host.regs.r9 & 0xff).as("the interrupt that the host sees").isEqualTo(0xfd);
    }
  }

  @Test
  void whatTheVcpuMeetsOnTheWayIsHandledFirst() {
    GuestCode code = new GuestCode().report();
    for (int i = 0; i < 40; i++) {
      code.set(GuestCode.RAX, 0).hex("31c9 0fa2"); // CPUID leaf 0 is answered by the module
    }
    try (GuestTd td = new GuestTd(code.report().spin())) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      int entries = 0;
      while (interruptedEntry(td) == EXTERNAL_INTERRUPT) {
        assertThat(++entries).as("the vCPU makes progress").isLessThan(1000);
      }
      assertThat(td.host.regs.rbx).as("EBX of leaf 0: Genu").isEqualTo(0x756e_6547);
    }
  }
}
