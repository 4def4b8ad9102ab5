package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** XMM registers that pass between guest and host with TDG.VP.VMCALL. */
@Timeout(20)
class VectorRegisterTest {
  private static final int TDCALL = 77;
  private static final long XMM1 = 1L << 17;
  private static final long XMM2 = 1L << 18;

  /**
   * Puts values into XMM1 to XMM3, calls with {@code mask}, then shows XMM1 in R12, XMM2 in R13.
   */
  private static GuestCode calling(long mask) {
    return new GuestCode()
        .hex("0f20e0 480d00060000 0f22e0") // CR4.OSFXSR, OSXMMEXCPT
        .set(GuestCode.RAX, 0x1111)
        .hex("66480f6ec8") // MOVQ XMM1, RAX
        .set(GuestCode.RAX, 0x2222)
        .hex("66480f6ed0 660f6cd2") // MOVQ XMM2, RAX; PUNPCKLQDQ XMM2, XMM2
        .set(GuestCode.RAX, 0x3333)
        .hex("66480f6ed8") // MOVQ XMM3, RAX
        .vmcall(mask)
        .hex("66490f7ecc 66490f7ed5") // MOVQ R12, XMM1; MOVQ R13, XMM2
        .report()
        .spin();
  }

  @Test
  void selectedRegistersReachTheHostAndTheOthersAreZero() {
    try (GuestTd td = new GuestTd(calling(XMM1 | XMM2))) {
      long[] xmm = td.host.regs.xmm;
      Arrays.fill(xmm, -1);

      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.rcx).isEqualTo(XMM1 | XMM2);
      assertThat(Arrays.copyOfRange(xmm, 2, 6)).containsExactly(0x1111, 0, 0x2222, 0x2222);
      xmm[2] = xmm[4] = xmm[5] = 0;
      assertThat(xmm).containsOnly(0);
    }
  }

  @Test
  void theHostAnswersInSelectedRegistersOnly() {
    try (GuestTd td = new GuestTd(calling(XMM1))) {
      td.enter();
      Arrays.fill(td.host.regs.xmm, 0x4444);

      td.enter();

      assertThat(td.host.regs.r12).isEqualTo(0x4444);
      assertThat(td.host.regs.r13).isEqualTo(0x2222);
      assertThat(td.host.regs.xmm).containsOnly(0);
    }
  }
}
