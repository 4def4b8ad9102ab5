package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.EpochTracker;

/** Block, track, remove: no page leaves a running TD while a vCPU may still reach it. */
class TrackingTest {
  private static final long GPA = 0x80_0000;
  private static final long NOT_DONE = Status.with(Status.TLB_TRACKING_NOT_DONE, Operand.RCX);

  private Host host;
  private long tdr;
  private EpochTracker epochs;

  @BeforeEach
  void runnableTdWithOnePage() {
    host = Host.ready();
    tdr = host.initializedTd(Host.TD_KEYID, 0);
    host.addSept(tdr, GPA, 0);
    Host.ok(host.call(Host.PAGE_ADD, GPA, tdr, host.page(), Host.SOURCE));
    host.pretendVcpu(tdr);
    Host.ok(host.call(Host.MR_FINALIZE, tdr));
    epochs = host.td(tdr).tdcs().epochs();
  }

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void aMappedPageOfARunnableTdIsNotRemoved() {
    assertThat(host.call(Host.PAGE_REMOVE, GPA, tdr))
        .isEqualTo(Status.with(Status.GPA_RANGE_NOT_BLOCKED, Operand.RCX));
    assertThat(host.regs.rdx).isEqualTo(4 << 8);
  }

  @Test
  void blockAloneIsNotEnough() {
    Host.ok(host.call(Host.RANGE_BLOCK, GPA, tdr));

    assertThat(host.call(Host.PAGE_REMOVE, GPA, tdr)).isEqualTo(NOT_DONE);
    assertThat(host.call(Host.RANGE_UNBLOCK, GPA, tdr)).isEqualTo(NOT_DONE);
    Host.ok(host.call(Host.MEM_TRACK, tdr));
    Host.ok(host.call(Host.PAGE_REMOVE, GPA, tdr));
  }

  @Test
  void aVcpuThatWasInsideAtTrackTimeMustLeaveFirst() {
    long inside = epochs.enter();
    Host.ok(host.call(Host.RANGE_BLOCK, GPA, tdr));
    Host.ok(host.call(Host.MEM_TRACK, tdr));

    assertThat(host.call(Host.PAGE_REMOVE, GPA, tdr)).isEqualTo(NOT_DONE);
    assertThat(host.call(Host.MEM_TRACK, tdr)).isEqualTo(Status.PREVIOUS_TLB_EPOCH_BUSY);
    long later = epochs.enter();
    epochs.exit(inside);
    Host.ok(host.call(Host.PAGE_REMOVE, GPA, tdr));
    epochs.exit(later);
  }

  @Test
  void aVcpuThatEntersAfterTrackDoesNotMatter() {
    Host.ok(host.call(Host.RANGE_BLOCK, GPA, tdr));
    Host.ok(host.call(Host.MEM_TRACK, tdr));
    epochs.enter();

    Host.ok(host.call(Host.PAGE_REMOVE, GPA, tdr));
  }

  @Test
  void aTrackBeforeTheBlockDoesNotCount() {
    Host.ok(host.call(Host.MEM_TRACK, tdr));
    Host.ok(host.call(Host.RANGE_BLOCK, GPA, tdr));
    Host.ok(host.call(Host.PAGE_RDMD, page()));
    assertThat(host.regs.r9).as("BEPOCH").isEqualTo(2);

    assertThat(host.call(Host.PAGE_REMOVE, GPA, tdr)).isEqualTo(NOT_DONE);
  }

  @Test
  void tablesAreTrackedLikePages() {
    Host.ok(host.call(Host.RANGE_BLOCK, GPA, tdr));
    Host.ok(host.call(Host.MEM_TRACK, tdr));
    Host.ok(host.call(Host.PAGE_REMOVE, GPA, tdr));

    assertThat(host.call(Host.SEPT_REMOVE, GPA | 1, tdr))
        .isEqualTo(Status.with(Status.GPA_RANGE_NOT_BLOCKED, Operand.RCX));
    Host.ok(host.call(Host.RANGE_BLOCK, GPA | 1, tdr));
    assertThat(host.call(Host.SEPT_REMOVE, GPA | 1, tdr)).isEqualTo(NOT_DONE);
    Host.ok(host.call(Host.MEM_TRACK, tdr));
    Host.ok(host.call(Host.SEPT_REMOVE, GPA | 1, tdr));
  }

  private long page() {
    return host.td(tdr).tdcs().sept().walk(GPA, 0).hpa();
  }
}
