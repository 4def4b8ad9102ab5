package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;

/** Instructions allocate nothing: a loop of every common kind costs no more memory when longer. */
class AllocationTest {
  /** Integer, memory, stack, call, locked, SSE, AVX and x87 instructions, 17 to a round. */
  private static final String LOOP =
      "480307 48894708 480fafc2 660ffec1 0f59d1 f20f58d9 e800000000 5b 48c1e003 0fbae004 0f44da"
          + "f0480fc107 c5f5fec2 d9e8 ddd8 ffc9 75c8 f4";

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static long allocatedBy(GuestMachine m, int rounds) {
    m.state().setRip(GuestMachine.CODE);
    m.state().setGpr(CpuState.RCX, rounds);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(m.run()).isEqualTo(ExitReason.HLT.number());
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void aLongerLoopAllocatesNoMore() {
    try (GuestMachine m = new GuestMachine().long64(false)) {
      m.state().setCr(4, m.state().cr(4) | 1 << 18);
      m.state().setXcr0(7);
      m.state().setGpr(CpuState.RDI, GuestMachine.DATA);
      m.bytes(GuestMachine.CODE, LOOP);
      allocatedBy(m, 1000);
      long before = m.processor.instructionCount();
      long bytes = allocatedBy(m, 100_000);
      assertThat(m.processor.instructionCount() - before).isGreaterThan(1_600_000);
      assertThat(bytes).isLessThan(100_000);
    }
  }
}
