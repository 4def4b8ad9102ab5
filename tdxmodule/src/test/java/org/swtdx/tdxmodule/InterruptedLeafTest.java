package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.tdxmodule.platform.CacheWriteBack;
import org.swtdx.tdxmodule.platform.Disturbances;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;

/** Leaves that an interrupt ends early, and what else can be provoked. */
@Timeout(20)
class InterruptedLeafTest {
  private static final long LARGE = 0x4000_0000L;
  private static final int PROMOTE = 23;
  private static final int DEMOTE = 15;

  /** An interrupt is pending where it is looked for, so many times. */
  private static Disturbances interrupts(int times) {
    AtomicInteger left = new AtomicInteger(times);
    return new Disturbances() {
      @Override
      public boolean interruptPending() {
        return left.getAndDecrement() > 0;
      }
    };
  }

  @Test
  void cacheWriteBackResumesWhereItStopped() {
    try (Host host = Host.ready()) {
      long tdr = host.createTd(Host.TD_KEYID);
      Host.ok(host.call(Host.VPFLUSHDONE, tdr));
      assertThat(host.call(Host.CACHE_WB, 1)).isEqualTo(Status.WBCACHE_RESUME_ERROR);
      host.state().setDisturbances(interrupts(Integer.MAX_VALUE));

      assertThat(host.call(Host.CACHE_WB, 0)).isEqualTo(Status.INTERRUPTED_RESUMABLE);
      int calls = 1;
      while (host.call(Host.CACHE_WB, 1) == Status.INTERRUPTED_RESUMABLE) {
        calls++;
      }
      assertThat(calls).isEqualTo(CacheWriteBack.PARTS - 1);
      assertThat(host.call(Host.CACHE_WB, 1)).isEqualTo(Status.WBCACHE_RESUME_ERROR);

      host.state().setDisturbances(Disturbances.NONE);
      assertThat(host.call(Host.KEY_FREEID, tdr)).isEqualTo(Status.WBCACHE_NOT_COMPLETE);
      Host.ok(host.callOn(host.platform.processors().getLast(), Host.CACHE_WB));
      Host.ok(host.call(Host.KEY_FREEID, tdr));
    }
  }

  @Test
  void anInterruptedWriteBackIsOnlyForTheKeyIdsOfItsStart() {
    try (Host host = Host.ready()) {
      long first = host.createTd(Host.TD_KEYID);
      long second = host.createTd(Host.TD_KEYID + 1);
      Host.ok(host.call(Host.VPFLUSHDONE, first));
      host.state().setDisturbances(interrupts(1));
      assertThat(host.call(Host.CACHE_WB, 0)).isEqualTo(Status.INTERRUPTED_RESUMABLE);
      Host.ok(host.call(Host.VPFLUSHDONE, second));
      Host.ok(host.call(Host.CACHE_WB, 1));
      Host.ok(host.callOn(host.platform.processors().getLast(), Host.CACHE_WB));

      Host.ok(host.call(Host.KEY_FREEID, first));
      assertThat(host.call(Host.KEY_FREEID, second)).isEqualTo(Status.WBCACHE_NOT_COMPLETE);
    }
  }

  @Test
  void demoteAndPromoteRestartWithTheSameOperands() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.addSept(tdr, LARGE, 1);
      Host.ok(host.call(Host.PAGE_AUG, LARGE | 1, tdr, host.largePage()));
      host.state().setDisturbances(interrupts(1));

      assertThat(host.call(DEMOTE, LARGE | 1, tdr, host.page()))
          .isEqualTo(Status.INTERRUPTED_RESTARTABLE);
      assertThat(host.regs.rcx).isEqualTo(LARGE | 1);
      assertThat(host.regs.rdx).isEqualTo(tdr);
      host.regs.rax = DEMOTE;
      host.module.seamcall(host.platform.processors().getFirst(), host.regs);
      Host.ok(host.regs.rax);

      host.state().setDisturbances(interrupts(1));
      assertThat(host.call(PROMOTE, LARGE | 1, tdr)).isEqualTo(Status.INTERRUPTED_RESTARTABLE);
      assertThat(host.regs.rcx).isEqualTo(LARGE | 1);
      Host.ok(host.call(PROMOTE, LARGE | 1, tdr));
    }
  }

  @Test
  void acceptOfALargePageGoesOnAfterEachInterrupt() {
    GuestCode code = new GuestCode().leaf(6, LARGE | 1).move(12, GuestCode.RAX).report();
    try (GuestTd td = new GuestTd(code)) {
      long page = td.augmentLarge(LARGE);
      td.host.state().setDisturbances(interrupts(700));

      td.enter();

      assertThat(td.host.regs.r12).isZero();
      td.host.state().setDisturbances(Disturbances.NONE);
      Host.ok(td.host.call(Host.SEPT_RD, LARGE | 1, td.tdr));
      assertThat(td.host.regs.rcx & 0xf_ffff_ffff_f000L).isEqualTo(page);
      assertThat(td.host.regs.rdx).isEqualTo(4 << 8 | 1);
    }
  }

  @Test
  void blockingAPartlyAcceptedPageForgetsTheProgress() {
    GuestCode code = new GuestCode().leaf(6, LARGE | 1).report();
    try (GuestTd td = new GuestTd(code)) {
      long page = td.augmentLarge(LARGE);
      td.tdcs().sept().walk(LARGE, 1).setAcceptProgress(5);

      Host.ok(td.host.call(Host.SEPT_RD, LARGE | 1, td.tdr));
      assertThat(td.host.regs.rcx & 0xf_ffff_ffff_f000L).isEqualTo(page);
      Host.ok(td.host.call(Host.RANGE_BLOCK, LARGE | 1, td.tdr));
      assertThat(td.tdcs().sept().walk(LARGE, 1).acceptProgress()).isZero();
    }
  }

  @Test
  void everyHostLockCanBeFoundBusyOnDemand() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      for (int operand : new int[] {Operand.RDX, Operand.OP_STATE, Operand.SEPT_TREE, Operand.R8}) {
        host.state().setDisturbances(busy(operand));
        assertThat(host.call(Host.SEPT_ADD, 3, tdr, host.page()))
            .isEqualTo(Status.with(Status.OPERAND_BUSY, operand));
      }
      host.state().setDisturbances(busy(Operand.SEPT_ENTRY));
      assertThat(host.call(Host.SEPT_ADD, 3, tdr, host.page()))
          .isEqualTo(Status.with(Status.OPERAND_BUSY, Operand.RCX));
      host.state().setDisturbances(Disturbances.NONE);
      Host.ok(host.call(Host.SEPT_ADD, 3, tdr, host.page()));
    }
  }

  private static Disturbances busy(int wanted) {
    return new Disturbances() {
      @Override
      public boolean busyForHost(int operand) {
        return operand == wanted;
      }
    };
  }

  @Test
  void withoutEntropyNothingIsCreated() {
    try (Host host = Host.ready()) {
      long page = host.page();
      host.state()
          .setDisturbances(
              new Disturbances() {
                @Override
                public boolean noEntropy() {
                  return true;
                }
              });

      assertThat(host.call(Host.MNG_CREATE, page, Host.TD_KEYID)).isEqualTo(Status.RND_NO_ENTROPY);

      host.state().setDisturbances(Disturbances.NONE);
      Host.ok(host.call(Host.MNG_CREATE, page, Host.TD_KEYID));
    }
  }
}
