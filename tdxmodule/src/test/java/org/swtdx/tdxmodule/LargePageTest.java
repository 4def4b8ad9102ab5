package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;

/** Splitting and merging mappings. */
class LargePageTest {
  private static final long GPA = 0x80_0000;
  private static final int DEMOTE = 15;
  private static final int PROMOTE = 23;

  private Host host;
  private long tdr;
  private long large;

  @BeforeEach
  void tdWithALargePendingPage() {
    host = Host.ready();
    tdr = host.initializedTd(Host.TD_KEYID, 0);
    host.addSept(tdr, GPA, 1);
    large = host.largePage();
    Host.ok(host.call(Host.PAGE_AUG, GPA | 1, tdr, large));
  }

  @AfterEach
  void close() {
    host.close();
  }

  private SeptEntry entry(long gpa, int level) {
    return host.td(tdr).tdcs().sept().walk(gpa, level);
  }

  private long type(long hpa) {
    Host.ok(host.call(Host.PAGE_RDMD, hpa));
    return host.regs.rcx;
  }

  @Test
  void aSplitPageCanBeTakenApart() {
    long septPage = host.page();
    Host.ok(host.call(DEMOTE, GPA | 1, tdr, septPage));

    assertThat(host.td(tdr).childCount()).isEqualTo(6 + 2 + 512 + 1);
    assertThat(type(septPage)).isEqualTo(8);
    for (int i : new int[] {0, 1, 511}) {
      assertThat(entry(GPA + 4096L * i, 0).state()).isEqualTo(SeptState.PENDING);
      assertThat(entry(GPA + 4096L * i, 0).hpa()).isEqualTo(large + 4096L * i);
      assertThat(type(large + 4096L * i)).isEqualTo(3);
      assertThat(host.regs.r8).isZero();
      assertThat(host.regs.rdx).isEqualTo(tdr);
    }
    Host.ok(host.call(Host.PAGE_REMOVE, GPA + 0x5000, tdr));
    assertThat(host.regs.rcx).isEqualTo(large + 0x5000);
    assertThat(type(large + 0x5000)).isZero();
  }

  @Test
  void splitAndMergeLeadBackToWhereTheyBegan() {
    long before = entry(GPA, 1).architectural();
    long septPage = host.page();
    Host.ok(host.call(DEMOTE, GPA | 1, tdr, septPage));

    Host.ok(host.call(PROMOTE, GPA | 1, tdr));

    assertThat(host.regs.rcx).isEqualTo(septPage);
    assertThat(type(septPage)).isZero();
    assertThat(type(large + 0x3000)).isEqualTo(3);
    assertThat(host.regs.r8).isOne();
    assertThat(entry(GPA, 1).architectural()).isEqualTo(before);
    assertThat(host.td(tdr).childCount()).isEqualTo(6 + 2 + 512);
    Host.ok(host.call(Host.PAGE_REMOVE, GPA | 1, tdr));
  }

  @Test
  void unevenPagesAreNotMerged() {
    Host.ok(host.call(DEMOTE, GPA | 1, tdr, host.page()));
    Host.ok(host.call(Host.PAGE_RELOCATE, GPA + 0x7000, tdr, host.page()));
    long refused = Status.with(Status.EPT_INVALID_PROMOTE_CONDITIONS, Operand.RCX);
    assertThat(host.call(PROMOTE, GPA | 1, tdr)).as("not contiguous").isEqualTo(refused);
    assertThat(host.regs.rdx).isEqualTo(132 << 8 | 1);
    Host.ok(host.call(Host.PAGE_RELOCATE, GPA + 0x7000, tdr, large + 0x7000));
    Host.ok(host.call(Host.RANGE_BLOCK, GPA + 0x1000, tdr));
    assertThat(host.call(PROMOTE, GPA | 1, tdr)).as("one is blocked").isEqualTo(refused);
    Host.ok(host.call(Host.RANGE_UNBLOCK, GPA + 0x1000, tdr));

    Host.ok(host.call(PROMOTE, GPA | 1, tdr));
  }

  @Test
  void childrenThatTheGuestHoldsKeepTheTableInPlace() {
    Host.ok(host.call(DEMOTE, GPA | 1, tdr, host.page()));
    SeptEntry child = entry(GPA + 0x9000, 0);
    assertThat(child.tryLockGuest()).isTrue();

    assertThat(host.call(PROMOTE, GPA | 1, tdr))
        .isEqualTo(Status.with(Status.OPERAND_BUSY, Operand.RCX));
    assertThat(entry(GPA, 0).tryLockHost()).as("no lock stays behind").isTrue();
    entry(GPA, 0).unlock();
    child.unlock();
    Host.ok(host.call(PROMOTE, GPA | 1, tdr));
    assertThat(child.tryLockGuest()).as("an entry outside the tree").isFalse();
  }

  @Test
  void aRunnableTdNeedsBlockAndTrackFirst() {
    host.pretendVcpu(tdr);
    Host.ok(host.call(Host.MR_FINALIZE, tdr));
    long page = host.page();

    assertThat(host.call(DEMOTE, GPA | 1, tdr, page))
        .isEqualTo(Status.with(Status.GPA_RANGE_NOT_BLOCKED, Operand.RCX));
    Host.ok(host.call(Host.RANGE_BLOCK, GPA | 1, tdr));
    assertThat(host.call(DEMOTE, GPA | 1, tdr, page))
        .isEqualTo(Status.with(Status.TLB_TRACKING_NOT_DONE, Operand.RCX));
    Host.ok(host.call(Host.MEM_TRACK, tdr));
    Host.ok(host.call(DEMOTE, GPA | 1, tdr, page));
    assertThat(entry(GPA, 0).state()).as("unblocked").isEqualTo(SeptState.PENDING);
    assertThat(host.call(PROMOTE, GPA | 1, tdr))
        .isEqualTo(Status.with(Status.GPA_RANGE_NOT_BLOCKED, Operand.RCX));
    Host.ok(host.call(Host.RANGE_BLOCK, GPA | 1, tdr));
    Host.ok(host.call(Host.MEM_TRACK, tdr));
    Host.ok(host.call(PROMOTE, GPA | 1, tdr));
  }

  @Test
  void theNewTableMustBeAFreePage() {
    assertThat(host.call(DEMOTE, GPA | 1, tdr, large + 0x1000))
        .isEqualTo(Status.with(Status.PAGE_METADATA_INCORRECT, Operand.R8));
    assertThat(host.call(DEMOTE, GPA | 1, tdr, host.td(tdr).tdcxPages().getFirst()))
        .isEqualTo(Status.with(Status.PAGE_METADATA_INCORRECT, Operand.R8));
    assertThat(host.call(DEMOTE, GPA, tdr, host.page()))
        .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
  }
}
