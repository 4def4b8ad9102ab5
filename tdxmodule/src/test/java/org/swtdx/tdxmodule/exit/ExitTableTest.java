package org.swtdx.tdxmodule.exit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.cpu.VmExit;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.GuestCode;
import org.swtdx.tdxmodule.GuestTd;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.virt.TdAttributes;
import org.swtdx.tdxmodule.vp.GuestContext;

/** Every basic exit reason against what the ABI does with it. */
class ExitTableTest {
  /**
   * One character per reason from 0: h to the host, v #VE, u #UD, g #GP, t TDCALL, s shutdown, m
   * answered by the module, e EPT, ! fatal to a production TD and to the host from a debug TD.
   */
  private static final String DISPOSITIONS =
      "hhsh!!h!!hm" // exception/NMI to CPUID; NMI window is never requested here
          + "uvv!g!uv" // GETSEC, HLT, INVD, INVLPG, RDPMC, RDTSC, RSM, VMCALL
          + "uuuuuuuuu" // VMCLEAR to VMXON
          + "m!vmm!!!" // CR, DR, IO, RDMSR, WRMSR, entry failures, 35
          + "u!!u!!h!!" // MWAIT, MTF, 38, MONITOR, PAUSE, machine check, C-state SMI, TPR, APIC
          + "!!!eeu!!uvm" // EOI, GDTR, LDTR, EPT, EPT, INVEPT, RDTSCP, timer, INVVPID to XSETBV
          + "v!!uu!!!!v" // APIC write, RDRAND, INVPCID, VMFUNC, ENCLS, RDSEED to PCONFIG
          + "!!!!u!gu" // SPP to ENQCMDS
          + "hhut"; // bus lock, notification, SEAMCALL, TDCALL

  private static final int NMI = 0x8000_0202;

  private final ExitTable table = new ExitTable(_ -> ExitHandler.RESUME);

  @Test
  void tableCoversAllReasons() {
    assertThat(DISPOSITIONS.length()).isEqualTo(78);
  }

  static IntStream reasons() {
    return IntStream.rangeClosed(0, 80);
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void reasonHasItsDisposition(int reason) {
    char disposition = disposition(reason);
    boolean leaves = "hs!e".indexOf(disposition) >= 0;
    try (GuestTd td = new GuestTd(new GuestCode())) {
      assertThat(handle(td, reason)).isEqualTo(!leaves);
      assertThat(td.vcpu().ve().valid).as("#VE").isEqualTo(expectsVe(disposition, reason));
      if (leaves) {
        long status = rax(td);
        assertThat(status & 0xffff_ffffL).isEqualTo(reason);
        assertThat(status & ~0xffff_ffffL).isEqualTo(expectedStatus(disposition, reason));
      }
      assertThat(td.tdcs().tdr().fatal())
          .isEqualTo(disposition == '!' || fatalMisconfiguration(reason));
    }
  }

  private static char disposition(int reason) {
    return reason < DISPOSITIONS.length() ? DISPOSITIONS.charAt(reason) : '!';
  }

  @Test
  void debugTdShowsTheUnexpectedToItsHost() {
    try (GuestTd td = new GuestTd(TdAttributes.DEBUG, 4, new GuestCode())) {
      reasons()
          .filter(reason -> disposition(reason) == '!')
          .forEach(
              reason -> {
                assertThat(handle(td, reason)).isEqualTo(ExitHandler.LEAVE);
                assertThat(rax(td)).isEqualTo(reason);
              });
      assertThat(td.tdcs().tdr().fatal()).isFalse();
    }
  }

  /** Module-answered exits meet zeroed registers: MSR 0 is #VE, MOV CR0, 0 clears NE: #GP. */
  private static boolean expectsVe(char disposition, int reason) {
    return disposition == 'v' || disposition == 'm' && (reason == 31 || reason == 32);
  }

  private static long expectedStatus(char disposition, int reason) {
    if (disposition == 's') {
      return Status.NON_RECOVERABLE_VCPU;
    }
    return disposition == '!' || fatalMisconfiguration(reason)
        ? Status.NON_RECOVERABLE_TD
        : Status.SUCCESS;
  }

  private static boolean fatalMisconfiguration(int reason) {
    return reason == 49; // the exit names a private address, whose entries the module made itself
  }

  private boolean handle(GuestTd td, int reason) {
    GuestContext vcpu = td.vcpu();
    vcpu.ve().valid = false;
    for (int i = 0; i < 16; i++) {
      vcpu.state().setGpr(i, 0);
    }
    VmExit exit = vcpu.exit();
    exit.clear();
    exit.reason = reason;
    exit.interruptionInfo = NMI;
    exit.guestPhysicalAddress = 0x7_0000_0000L;
    vcpu.events().begin();
    return table.handler(reason).handle(vcpu);
  }

  private static long rax(GuestTd td) {
    return td.vcpu().tdExit().store(new SeamRegisters(), td.vcpu().state(), true);
  }
}
