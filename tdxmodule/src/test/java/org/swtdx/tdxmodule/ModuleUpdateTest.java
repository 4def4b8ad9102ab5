package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.BringUp;
import org.swtdx.seamcall.TdxPlatform;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.metadata.PlatformFields;
import org.swtdx.tdxmodule.metadata.TdFields;
import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.platform.SeamRange;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;

/** Replacing the module while TDs live: TDH.SYS.SHUTDOWN, the loader, TDH.SYS.UPDATE. */
@Timeout(20)
class ModuleUpdateTest {
  private static final int SHUTDOWN = 52;
  private static final int UPDATE = 53;
  private static final int TDCALL = 77;

  private static GuestCode threeReports() {
    return new GuestCode()
        .set(GuestCode.RBX, 1)
        .report()
        .set(GuestCode.RBX, 2)
        .report()
        .load(GuestTd.DATA + 0x40)
        .move(GuestCode.RBX, GuestCode.RAX)
        .report()
        .spin();
  }

  @Test
  void aTdGoesOnUnderTheNextModule() {
    try (GuestTd td = new GuestTd(threeReports())) {
      Host host = td.host;
      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(host.regs.rbx).isEqualTo(1);

      Host.ok(host.call(SHUTDOWN, 0));
      assertThat(host.call(Host.SYS_RD, 0, 0)).isEqualTo(Status.SYS_SHUTDOWN);
      assertThat(host.module.install()).isTrue();
      host.init();
      assertThat(td.enter()).isEqualTo(Status.SYS_NOT_READY);
      Host.ok(host.call(UPDATE));

      assertThat(td.enter()).isEqualTo(TDCALL);
      assertThat(host.regs.rbx).isEqualTo(2);
      assertThat(td.enter()).isEqualTo(TDCALL);
      Host.ok(host.call(Host.PAGE_RDMD, td.privatePage(0)));
      assertThat(host.regs.rdx).isEqualTo(td.tdr);
      Host.ok(td.flush());
      host.stop(td.tdr);
      assertThat(host.call(UPDATE)).isEqualTo(Status.SYS_STATE_INCORRECT);
    }
  }

  @Test
  void keyIdsKeepTheirOwnersAndTheirWriteBacks() {
    try (Host host = Host.ready()) {
      long tdr = host.createTd(Host.TD_KEYID);
      long dying = host.createTd(Host.TD_KEYID + 1);
      Host.ok(host.call(Host.VPFLUSHDONE, dying));
      Host.ok(host.call(Host.CACHE_WB));

      update(host);

      assertThat(host.call(Host.MNG_CREATE, host.page(), Host.TD_KEYID))
          .isEqualTo(Status.HKID_NOT_FREE);
      assertThat(host.call(Host.MNG_CREATE, host.page(), Host.GLOBAL_KEYID))
          .isEqualTo(Status.HKID_NOT_FREE);
      assertThat(host.call(Host.KEY_FREEID, dying)).isEqualTo(Status.WBCACHE_NOT_COMPLETE);
      Host.ok(host.callOn(host.platform.processors().getLast(), Host.CACHE_WB));
      Host.ok(host.call(Host.KEY_FREEID, dying));
      host.addTdcs(tdr);
    }
  }

  @Test
  void fieldsTellOfTheUpdate() throws Exception {
    try (GuestTd td = new GuestTd(threeReports())) {
      Host host = td.host;
      td.enter();
      update(host);
      td.enter();

      assertThat(PlatformFields.value(host.state(), "HANDOFF_DATA_VALID")).isZero();
      assertThat(PlatformFields.value(host.state(), "MODULE_HV")).isZero();
      assertThat(PlatformFields.value(host.state(), "NUM_HANDOFF_PAGES"))
          .isEqualTo(SeamRange.HANDOFF_PAGES);
      Host.ok(host.call(Host.MNG_RD, td.tdr, TdFields.TABLE.idOf("SEAMDB_INDEX")));
      assertThat(host.regs.r8).isEqualTo(1);
      assertThat(td.vcpu().lastSeamdbIndex).isEqualTo(2);
      assertThat(VcpuFields.TABLE.idOf("LAST_SEAMDB_INDEX")).isNotZero();
    }
  }

  @Test
  void shutdownRefusesVersionsThatDoNotExist() {
    try (Host host = Host.ready()) {
      assertThat(host.call(SHUTDOWN, 1))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
      assertThat(host.call(SHUTDOWN, -1))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
    }
  }

  @Test
  void shutdownWaitsForNobody() throws InterruptedException {
    try (GuestTd td = new GuestTd(new GuestCode().report().spin())) {
      td.enter();
      LogicalProcessor other = td.host.platform.processors().get(1);
      AtomicLong status = new AtomicLong();
      SeamRegisters own = new SeamRegisters();
      Thread runner =
          new Thread(
              () -> {
                own.rcx = td.tdvpr;
                td.host.module.seamcall(td.lp, own);
                status.set(own.rax);
              });
      runner.start();
      while (td.tdcs().epochs().refcount(0) + td.tdcs().epochs().refcount(1) == 0) {
        Thread.onSpinWait();
      }

      assertThat(td.host.callOn(other, SHUTDOWN, 0)).isEqualTo(Status.SYS_BUSY);
      assertThat(td.host.module.install()).isFalse();
      while (runner.isAlive()) { // an interrupt before the guest runs is lost
        td.lp.kick();
        runner.join(10);
      }

      assertThat(status.get()).isEqualTo(1);
      Host.ok(td.host.callOn(other, SHUTDOWN, 0));
    }
  }

  @Test
  void updateNeedsWhatAShutdownLeft() {
    try (Host host = Host.loaded()) {
      assertThat(host.call(UPDATE)).isEqualTo(Status.SYS_STATE_INCORRECT);
      Host.ok(host.call(Host.SYS_INIT));
      assertThat(host.call(UPDATE)).isEqualTo(Status.SYS_STATE_INCORRECT);
      for (LogicalProcessor lp : host.platform.processors()) {
        Host.ok(host.callOn(lp, Host.SYS_LP_INIT));
      }
      assertThat(host.call(UPDATE)).isEqualTo(Status.SYS_INVALID_HANDOFF);
      host.config(); // the other way on is open
    }
  }

  @Test
  void damagedHandoffDataIsRefused() {
    for (int length : new int[] {0, 3, 40, 600}) {
      try (Host host = Host.ready()) {
        Host.ok(host.call(SHUTDOWN, 0));
        SeamRange range = host.state().range();
        byte[] data = java.util.Objects.requireNonNull(range.handoff()).data();
        range.setHandoff(new SeamRange.Handoff(0, java.util.Arrays.copyOf(data, length)));
        assertThat(host.module.install()).isTrue();
        host.init();

        assertThat(host.call(UPDATE)).isEqualTo(Status.SYS_INVALID_HANDOFF);
      }
    }
  }

  @Test
  void hostSoftwareUpdatesInOneCall() {
    try (Host host = Host.loaded()) {
      if (!(TdxPlatform.bringUp(host.platform, host.module) instanceof BringUp.Ready ready)) {
        throw new AssertionError("the module did not come up");
      }

      assertThat(ready.platform().updateModule()).isEmpty();

      assertThat(host.state().range().installations()).isEqualTo(2);
      assertThat(host.state().kot().count(Kot.State.RESERVED)).isOne();
    }
  }

  private static void update(Host host) {
    Host.ok(host.call(SHUTDOWN, 0));
    assertThat(host.module.install()).isTrue();
    host.init();
    Host.ok(host.call(UPDATE));
  }
}
