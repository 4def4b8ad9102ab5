package org.swtdx.tdxmodule.exit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.cpu.CpuState;
import org.swtdx.tdxmodule.GuestCode;
import org.swtdx.tdxmodule.GuestTd;
import org.swtdx.tdxmodule.vp.GuestContext;

/** How little progress since its entry makes an interrupt of a vCPU suspicious. */
class SingleStepDefenceTest {
  private static final int TDCALL = 77;

  @Test
  void aVcpuThatGotAheadLeavesAtOnce() {
    try (GuestTd td = new GuestTd(new GuestCode().report())) {
      assertThat(td.enter()).isEqualTo(TDCALL);
      GuestContext vcpu = td.vcpu();
      vcpu.entryInstructions = vcpu.processor().instructionCount();
      vcpu.entryRcx = vcpu.state().gpr(CpuState.RCX);

      assertThat(SingleStepDefence.isSuspicious(vcpu)).as("nothing executed").isTrue();
      vcpu.answeredInstructions = 1;
      assertThat(SingleStepDefence.isSuspicious(vcpu)).as("one instruction").isTrue();
      vcpu.answeredInstructions = 2;
      assertThat(SingleStepDefence.isSuspicious(vcpu)).as("two instructions").isFalse();
      vcpu.answeredInstructions = 0;
      vcpu.entryRcx += 2;
      assertThat(SingleStepDefence.isSuspicious(vcpu)).as("a string instruction").isFalse();
    }
  }
}
