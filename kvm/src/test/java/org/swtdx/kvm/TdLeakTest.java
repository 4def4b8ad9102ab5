package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.seamcall.port.SeamPort;

/** A KeyID that cannot be retired: the pages stay the module's and must not be used again. */
class TdLeakTest {
  private static final long FLUSHVP_NOT_DONE = 0x8000_0824_0000_0000L;

  private static SeamPort refusingVpFlushDone(SeamPort module) {
    return (lp, regs) -> {
      if ((regs.rax & 0xffff) == 19) {
        regs.rax = FLUSHVP_NOT_DONE;
      } else {
        module.seamcall(lp, regs);
      }
    };
  }

  @Test
  void nothingTheModuleStillOwnsIsFreed() {
    try (TestHost machine = new TestHost(1, TdLeakTest::refusingVpFlushDone)) {
      TestTd td = TestTd.withVcpu(machine, 0);
      td.start();

      td.process.exit();

      machine.leaks();
      assertThat(machine.host.outstandingKeyIds()).isEqualTo(1);
      long control = 1 + 6 + 6;
      long tables = 5; // one for 512 GiB, and two for each of two GiB
      long pages = 17;
      assertThat(machine.host.outstandingFrames()).isEqualTo(control + tables + pages);
      assertThat(machine.host.kernelLog()).anyMatch(line -> line.contains("leaking the TD"));
    }
  }
}
