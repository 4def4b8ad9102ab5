package org.swtdx.tdxmodule.exit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.VmExit;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.GuestCode;
import org.swtdx.tdxmodule.GuestTd;
import org.swtdx.tdxmodule.virt.TdAttributes;
import org.swtdx.tdxmodule.vp.GuestContext;

/** Whatever a VM exit says, the module resumes the guest or leaves with that exit's reason. */
class RandomExitTest {
  private static final int ROUNDS = 20_000;

  @Test
  void randomExitsResumeOrLeaveWithTheirReason() {
    Random random = new Random(11);
    ExitTable table = new ExitTable(_ -> ExitHandler.RESUME);
    SeamRegisters regs = new SeamRegisters();
    int left = 0;
    try (GuestTd td = new GuestTd(TdAttributes.DEBUG, 4, new GuestCode().report())) {
      assertThat(td.enter()).isEqualTo(77);
      GuestContext vcpu = td.vcpu();
      for (int i = 0; i < ROUNDS; i++) {
        VmExit exit = vcpu.exit();
        exit.clear();
        exit.reason = random.nextInt(80);
        exit.qualification = RandomExits.operand(random);
        exit.guestPhysicalAddress = RandomExits.operand(random) & (1L << 52) - 1;
        exit.guestLinearAddress = random.nextLong();
        exit.interruptionInfo = 0x8000_0200 | random.nextInt(256);
        exit.instructionLength = 1 + random.nextInt(15);
        vcpu.ve().valid = random.nextBoolean();
        for (int r = 0; r < 16; r++) {
          vcpu.state().setGpr(r, RandomExits.operand(random));
        }
        vcpu.events().begin();
        if (table.handler(exit.reason).handle(vcpu) == ExitHandler.LEAVE) {
          long rax = vcpu.tdExit().store(regs, vcpu.state(), true);
          assertThat((int) rax).isEqualTo(exit.reason);
          left++;
        }
      }
    }
    assertThat(left).isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
  }
}
