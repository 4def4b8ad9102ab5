package org.swtdx.tdxmodule.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.CpuState;
import org.swtdx.tdxmodule.GuestCode;
import org.swtdx.tdxmodule.GuestTd;
import org.swtdx.tdxmodule.exit.RandomExits;
import org.swtdx.tdxmodule.vp.GuestContext;

/** Whatever a guest puts into its registers, the module answers with a status or a TD exit. */
class RandomTdCallTest {
  private static final long RESERVED_STATUS = 0x0fff_0000_0000_0000L;
  private static final int ROUNDS = 20_000;

  @Test
  void randomOperandsGetAStatusOrLeaveTheTd() {
    Random random = new Random(7);
    Set<Long> statuses = new HashSet<>();
    try (GuestTd td = new GuestTd(new GuestCode().report())) {
      assertThat(td.enter()).isEqualTo(77);
      GuestContext vcpu = td.vcpu();
      TdCallDispatcher dispatcher = new TdCallDispatcher(vcpu.platform());
      long rip = vcpu.state().rip();
      for (int i = 0; i < ROUNDS; i++) {
        CpuState state = vcpu.state();
        state.setRip(rip);
        vcpu.ve().valid = random.nextBoolean();
        for (int r = 0; r < 16; r++) {
          state.setGpr(r, RandomExits.operand(random));
        }
        state.setGpr(CpuState.RAX, random.nextInt(30) | (random.nextInt(20) == 0 ? 1 << 16 : 0));
        vcpu.events().begin();
        if (dispatcher.execute(vcpu) && state.rip() != rip) {
          long rax = state.gpr(CpuState.RAX);
          assertThat(rax & RESERVED_STATUS).as("reserved bits of a status").isZero();
          statuses.add(rax >>> 32);
        }
      }
      assertThat(td.tdcs().tdr().fatal()).isFalse();
    }
    assertThat(statuses.size()).as("different answers").isGreaterThan(8);
  }
}
