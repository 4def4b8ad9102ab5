package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.Hpa;
import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.OpState;

/** A TD's life from creation to reclaim, leaf by leaf. */
class LifecycleTest {
  private static final long GPA = 0x80_0000;

  @Test
  void everyPageAndKeyIdComesBackWhenATdIsTornDown() {
    try (Host host = Host.ready()) {
      long tdr = host.createTd(Host.TD_KEYID);
      List<Long> pages = new ArrayList<>(host.addTdcs(tdr));
      host.writeTdParams(0);
      Host.ok(host.call(Host.MNG_INIT, tdr, Host.TD_PARAMS));
      pages.addAll(host.addSept(tdr, GPA, 0));
      for (int i = 0; i < 3; i++) {
        pages.add(host.page());
        Host.ok(host.call(Host.PAGE_ADD, GPA + 4096L * i, tdr, pages.getLast(), Host.SOURCE));
        Host.ok(host.call(Host.MR_EXTEND, GPA + 4096L * i + 256, tdr));
      }
      host.pretendVcpu(tdr);
      Host.ok(host.call(Host.MR_FINALIZE, tdr));
      long large = host.largePage();
      Host.ok(host.call(Host.PAGE_AUG, 0x20_0000 | 1, tdr, large));
      pages.add(large);
      assertThat(host.td(tdr).tdcs().opState()).isEqualTo(OpState.RUNNABLE);
      assertThat(host.events.statements())
          .containsEntry("MRTD", java.util.HexFormat.of().formatHex(host.td(tdr).tdcs().mrtd()))
          .containsEntry("RTMR3", "00".repeat(48));
      assertThat(host.td(tdr).childCount()).isEqualTo(pages.size() - 1 + 512);

      host.stop(tdr);
      for (long p : pages) {
        Host.ok(host.call(Host.PAGE_RECLAIM, p));
        assertThat(host.regs.rdx).isEqualTo(tdr);
      }
      Host.ok(host.call(Host.PAGE_RECLAIM, tdr));
      assertThat(host.regs.rcx).isEqualTo(PageType.TDR.number());
      Host.ok(host.call(Host.PAGE_WBINVD, tdr | (long) Host.GLOBAL_KEYID << 46));

      assertThat(host.ownedPages()).isZero();
      assertThat(host.state().tdrs()).isEmpty();
      assertThat(host.state().kot().count(Kot.State.FREE)).isEqualTo(63);
      assertThat(host.events.snapshot(PlatformEvents.Kind.SEAMCALL))
          .containsEntry("TDH.MEM.PAGE.ADD", 3L)
          .containsEntry("TDH.MNG.ADDCX", 6L);
    }
  }

  @Test
  void aTdrIsReclaimedLast() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);

      assertThat(host.call(Host.PAGE_RECLAIM, tdr)).isEqualTo(Status.LIFECYCLE_STATE_INCORRECT);
      host.stop(tdr);
      assertThat(host.call(Host.PAGE_RECLAIM, tdr)).isEqualTo(Status.TD_ASSOCIATED_PAGES_EXIST);
    }
  }

  @Test
  void aKeyIdIsFreeOnlyAfterEveryPackageWroteBackItsCaches() {
    try (Host host = Host.ready()) {
      long tdr = host.createTd(Host.TD_KEYID);
      long other = host.page();
      assertThat(host.call(Host.MNG_CREATE, other, Host.TD_KEYID)).isEqualTo(Status.HKID_NOT_FREE);
      assertThat(host.call(Host.CACHE_WB)).isEqualTo(Status.NO_HKID_READY_TO_WBCACHE);

      Host.ok(host.call(Host.VPFLUSHDONE, tdr));
      assertThat(host.call(Host.KEY_FREEID, tdr)).isEqualTo(Status.WBCACHE_NOT_COMPLETE);
      Host.ok(host.callOn(host.platform.processors().get(1), Host.CACHE_WB));
      assertThat(host.call(Host.KEY_FREEID, tdr)).isEqualTo(Status.WBCACHE_NOT_COMPLETE);
      Host.ok(host.callOn(host.platform.processors().get(2), Host.CACHE_WB));
      Host.ok(host.call(Host.KEY_FREEID, tdr));

      Host.ok(host.call(Host.MNG_CREATE, other, Host.TD_KEYID));
    }
  }

  @Test
  void aTdWithoutKeysIsTornDownAsOneThatHasThem() {
    try (Host host = Host.ready()) {
      long tdr = host.page();
      Host.ok(host.call(Host.MNG_CREATE, tdr, Host.TD_KEYID));

      Host.ok(host.call(Host.VPFLUSHDONE, tdr));
      assertThat(host.call(Host.KEY_FREEID, tdr)).isEqualTo(Status.WBCACHE_NOT_COMPLETE);
      Host.ok(host.call(Host.CACHE_WB));
      Host.ok(host.callOn(host.platform.processors().getLast(), Host.CACHE_WB));
      Host.ok(host.call(Host.KEY_FREEID, tdr));
      Host.ok(host.call(Host.PAGE_RECLAIM, tdr));

      assertThat(host.ownedPages()).isZero();
    }
  }

  @Test
  void keysAreConfiguredOncePerPackage() {
    try (Host host = Host.ready()) {
      long tdr = host.page();
      Host.ok(host.call(Host.MNG_CREATE, tdr, Host.TD_KEYID));

      Host.ok(host.call(Host.MNG_KEY_CONFIG, tdr));
      assertThat(host.call(Host.MNG_KEY_CONFIG, tdr)).isEqualTo(Status.KEY_CONFIGURED);
      assertThat(host.call(Host.MNG_ADDCX, host.page(), tdr))
          .isEqualTo(Status.TD_KEYS_NOT_CONFIGURED);
      Host.ok(host.callOn(host.platform.processors().getLast(), Host.MNG_KEY_CONFIG, tdr));
      assertThat(host.call(Host.MNG_KEY_CONFIG, tdr)).isEqualTo(Status.LIFECYCLE_STATE_INCORRECT);
    }
  }

  @Test
  void vcpusAreFlushedBeforeTheTdIsBlocked() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      var vcpu = host.vcpu(tdr);
      assertThat(vcpu.associate(1)).isTrue();

      assertThat(host.call(Host.VPFLUSHDONE, tdr)).isEqualTo(Status.FLUSHVP_NOT_DONE);
      assertThat(vcpu.associate(2)).isFalse();
      assertThat(vcpu.dissociate(1)).isTrue();
      Host.ok(host.call(Host.VPFLUSHDONE, tdr));
    }
  }

  @Test
  void aFatalTdCanOnlyBeTornDown() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.td(tdr).setFatal();

      assertThat(host.call(Host.SEPT_ADD, 3, tdr, host.page())).isEqualTo(Status.TD_FATAL);
      assertThat(host.call(Host.MNG_RD, tdr, 0x9010_0002_0000_0004L)).isEqualTo(Status.TD_FATAL);
      host.stop(tdr);
    }
  }

  @Test
  void hostWritesToAMeasuredPageMakeTheTdFatal() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.addSept(tdr, GPA, 0);
      long page = host.page();
      host.host().write64(new Hpa(Host.SOURCE), 0x1234);
      Host.ok(host.call(Host.PAGE_ADD, GPA, tdr, page, Host.SOURCE));

      host.host().write64(new Hpa(page), 0x666);

      assertThat(host.call(Host.MR_EXTEND, GPA, tdr)).isEqualTo(Status.TD_FATAL);
      assertThat(host.call(Host.MR_FINALIZE, tdr)).isEqualTo(Status.TD_FATAL);
    }
  }

  @Test
  void privatePagesAreCiphertextToTheHost() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 1);
      host.addSept(tdr, GPA, 0);
      long page = host.page();
      host.host().write64(new Hpa(Host.SOURCE + 8), 0x1234_5678);
      Host.ok(host.call(Host.PAGE_ADD, GPA, tdr, page, Host.SOURCE));

      assertThat(host.host().read64(new Hpa(page + 8))).isNotEqualTo(0x1234_5678);
      Host.ok(host.call(Host.MEM_RD, GPA + 8, tdr));
      assertThat(host.regs.r8).isEqualTo(0x1234_5678);
      Host.ok(host.call(Host.MEM_WR, GPA + 8, tdr, 0x99));
      assertThat(host.regs.r8).isEqualTo(0x1234_5678);
      Host.ok(host.call(Host.MEM_RD, GPA + 8, tdr));
      assertThat(host.regs.r8).isEqualTo(0x99);
    }
  }
}
