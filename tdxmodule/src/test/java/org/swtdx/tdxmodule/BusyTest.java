package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.platform.SharexLock;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** Locks are tried, never waited for, and OPERAND_BUSY says which one was taken. */
class BusyTest {
  private static final long GPA = 0x80_0000;

  private Host host;
  private long tdr;
  private Tdcs tdcs;

  @BeforeEach
  void initializedTd() {
    host = Host.ready();
    tdr = host.initializedTd(Host.TD_KEYID, 0);
    host.addSept(tdr, GPA, 0);
    tdcs = host.td(tdr).tdcs();
  }

  @AfterEach
  void close() {
    host.close();
  }

  private static long busy(int operand) {
    return Status.with(Status.OPERAND_BUSY, operand);
  }

  @Test
  void aRunningVcpuKeepsBuildLeavesOut() {
    PamtEntry entry = host.state().pamt().implicit(tdr, 0);
    assertThat(entry.tryLock(false)).isTrue(); // as TDH.VP.ENTER holds it

    assertThat(host.call(Host.PAGE_ADD, GPA, tdr, host.page(), Host.SOURCE))
        .isEqualTo(busy(Operand.RDX));
    assertThat(host.call(Host.MR_FINALIZE, tdr)).isEqualTo(busy(Operand.RCX));
    assertThat(host.call(Host.VPFLUSHDONE, tdr)).isEqualTo(busy(Operand.RCX));
    Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, host.page()));
    entry.release(false);
    Host.ok(host.call(Host.VPFLUSHDONE, tdr));
  }

  @Test
  void thePageGivenIsBlamedByItsRegister() {
    long page = host.page();
    PamtEntry entry = host.state().pamt().implicit(page, 0);
    assertThat(entry.tryLock(false)).isTrue();

    assertThat(host.call(Host.PAGE_AUG, GPA, tdr, page)).isEqualTo(busy(Operand.R8));
    assertThat(host.call(Host.MNG_CREATE, page, Host.TD_KEYID + 1)).isEqualTo(busy(Operand.RCX));
    Host.ok(host.call(Host.PAGE_RDMD, page));
    entry.release(false);
    Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, page));
  }

  @Test
  void theLargePageAboveIsLockedSharedOnTheWay() {
    long large = host.largePage();
    PamtEntry entry = host.state().pamt().implicit(large, 1);
    assertThat(entry.tryLock(true)).isTrue();

    assertThat(host.call(Host.PAGE_AUG, GPA, tdr, large + 0x1000)).isEqualTo(busy(Operand.R8));
    entry.release(true);
    Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, large + 0x1000));
  }

  @Test
  void implicitObjectsHaveIdsOfTheirOwn() {
    expectBusy(tdcs.opStateLock(), Operand.OP_STATE, Host.PAGE_AUG, GPA, tdr, host.page());
    expectBusy(tdcs.opStateLock(), Operand.OP_STATE, Host.MNG_RD, tdr, 0x9010_0002_0000_0004L);
    expectBusy(tdcs.sept().treeLock(), Operand.SEPT_TREE, Host.PAGE_AUG, GPA, tdr, host.page());
    expectBusy(tdcs.epochs().lock(), Operand.TD_EPOCH, Host.MEM_TRACK, tdr);
    expectBusy(
        host.state().kot().lock(), Operand.KOT, Host.MNG_CREATE, host.page(), Host.TD_KEYID + 1);
    expectBusy(host.state().writeBack(0).lock(), Operand.WBCACHE, Host.CACHE_WB);
  }

  private void expectBusy(SharexLock lock, int operand, int leaf, long... operands) {
    assertThat(lock.tryHost(true)).isTrue();
    assertThat(host.call(leaf, operands)).isEqualTo(busy(operand));
    lock.release(true);
    assertThat(lock.hostHasPriority()).isTrue();
    assertThat(Status.is(host.call(leaf, operands), Status.OPERAND_BUSY)).isFalse();
  }

  @Test
  void blockNeedsTheTreeAloneAndAugSharesIt() {
    assertThat(tdcs.sept().treeLock().tryHost(false)).isTrue();

    Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, host.page()));
    assertThat(host.call(Host.RANGE_BLOCK, GPA, tdr)).isEqualTo(busy(Operand.SEPT_TREE));
  }

  @Test
  void anEntryThatTheGuestLockedIsReported() {
    Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, host.page()));
    SeptEntry entry = tdcs.sept().walk(GPA, 0);
    assertThat(entry.tryLockGuest()).isTrue();

    assertThat(host.call(Host.RANGE_BLOCK, GPA, tdr)).isEqualTo(busy(Operand.RCX));
    assertThat(host.regs.rdx).isEqualTo(2 << 8);
    entry.unlock();
    assertThat(entry.tryLockGuest()).as("the host has priority now").isFalse();
    Host.ok(host.call(Host.RANGE_BLOCK, GPA, tdr));
    assertThat(entry.tryLockGuest()).isTrue();
  }

  @Test
  void noLockStaysBehindAfterARefusal() {
    Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, host.page()));

    assertThat(Status.isError(host.call(Host.PAGE_AUG, GPA, tdr, host.page()))).isTrue();

    Host.ok(host.call(Host.RANGE_BLOCK, GPA, tdr));
    host.stop(tdr);
  }
}
