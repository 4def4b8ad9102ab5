package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.virt.TdParameters;

/** Guest physical addresses beyond the TD's width, which the processor's own may exceed. */
@Timeout(20)
class AddressWidthTest {
  private static final int TDCALL = 77;
  private static final int PAGE_FAULT = 14;
  private static final int EPT_VIOLATION = 48;
  private static final long FIVE_GIB = 5L << 30;

  @Test
  void bitsAboveAChosenMaxpaArePageFaultsAndNobodysAddress() {
    GuestCode code =
        new GuestCode()
            .load(GuestTd.SHARED_WINDOW + GuestTd.DATA)
            .set(GuestCode.RAX, 1L << 46 | 0x83)
            .store(GuestTd.PDPT + 8 * 5)
            .load(FIVE_GIB + 0x1238)
            .report();
    try (GuestTd td = new GuestTd(0, TdParameters.NO_RBP_MOD | TdParameters.MAXPA_VIRT, 46, code)) {
      td.giveSharedEpt();
      assertThat((int) td.enter()).as("SHARED lies above MAXPA").isEqualTo(EPT_VIOLATION);
      assertThat(td.host.regs.r8).isEqualTo(GuestTd.SHARED_BIT | GuestTd.DATA);
      td.vcpu().state().setRip(td.vcpu().state().rip() + 10);
      assertThat(td.enter()).isEqualTo(TDCALL);

      assertThat(td.host.regs.r15).isEqualTo(PAGE_FAULT);
      assertThat(td.host.regs.r14 & 0x1f).as("present, reserved bit").isEqualTo(9);
      assertThat(td.host.call(Host.PAGE_AUG, 1L << 46, td.tdr, td.host.page()))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
    }
  }

  @Test
  void aMaxpaThatNoTdCanHaveIsRefused() {
    try (Host host = Host.ready()) {
      int keyId = Host.TD_KEYID;
      for (int bits : new int[] {44, 49, 53}) {
        long tdr = host.createTd(keyId++);
        host.addTdcs(tdr);
        host.writeTdParams(0);
        GuestTd.chooseMaxpa(host, TdParameters.MAXPA_VIRT, bits);
        assertThat(host.call(Host.MNG_INIT, tdr, Host.TD_PARAMS))
            .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.CPUID_CONFIG));
        assertThat(host.regs.rcx).isZero();
      }
    }
  }

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
