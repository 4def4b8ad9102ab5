package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guest physical addresses beyond the TD's width, which the processor's own may exceed. */
@Timeout(20)
class AddressWidthTest {
  private static final int TDCALL = 77;
  private static final int PAGE_FAULT = 14;
  private static final long FIVE_GIB = 5L << 30;

  @Test
  void bitsAboveTheSharedBitArePageFaults() {
    GuestCode code =
        new GuestCode()
            .set(GuestCode.RAX, 1L << 49 | 0x83)
            .store(GuestTd.PDPT + 8 * 5)
            .load(FIVE_GIB + 0x1238)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r15).isEqualTo(PAGE_FAULT);
      assertThat(td.host.regs.r14 & 0x1f).as("present, reserved bit").isEqualTo(9);
      assertThat(td.vcpu().state().cr(2)).isEqualTo(FIVE_GIB + 0x1238);
    }
  }
}
