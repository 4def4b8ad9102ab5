package org.swtdx.tdxmodule.guest;

import java.util.concurrent.atomic.LongAdder;
import org.swtdx.events.PlatformEvents;
import org.swtdx.tdxmodule.leaf.GpaMapping;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.EptViolation;
import org.swtdx.tdxmodule.vp.ExtendedQualification;
import org.swtdx.tdxmodule.vp.GuestContext;

/**
 * TDG.MEM.PAGE.ACCEPT (6): takes a pending page into the TD, zeroed. Where there is nothing to
 * accept the TD is left with an EPT violation, so that the host can add the page, and the guest
 * executes the leaf again. An interrupt is noticed after each 4 KiB of a larger page; the entry
 * keeps how far the leaf got.
 */
final class TdgMemPageAccept implements GuestLeaf {
  private static final int PAGE = 4096;

  private final LongAdder acceptedPages;

  TdgMemPageAccept(TdxPlatform platform) {
    acceptedPages =
        platform.machine().events().counter(PlatformEvents.Kind.COUNT, "pages.private.accepted");
  }

  @Override
  public long execute(TdCall call) throws Refusal {
    GpaMapping at =
        GpaMapping.parse(call.get(Operand.RCX), call.tdcs(), PageSize.LEVEL_4K, PageSize.LEVEL_2M);
    SeptEntry entry = call.tdcs().sept().walkAsGuest(at.gpa(), at.level());
    if (entry.level() != at.level()) {
      return entry.state().isAccessibleLeaf()
          ? Status.with(Status.PAGE_ALREADY_ACCEPTED, entry.level())
          : leave(call, at, entry);
    }
    call.lock(entry);
    try {
      SeptState state = entry.state();
      if (state.isNonLeaf()) {
        return Status.with(Status.PAGE_SIZE_MISMATCH, at.level());
      }
      if (state.isAccessibleLeaf()) {
        return Status.with(Status.PAGE_ALREADY_ACCEPTED, at.level());
      }
      if (!call.accepts(state)) {
        return leave(call, at, entry);
      }
      if (!initialize(call, entry)) {
        return TdCall.INTERRUPTED;
      }
      entry.setState(state == SeptState.PENDING ? SeptState.MAPPED : SeptState.EXPORTED_DIRTY);
      acceptedPages.add(PageSize.bytes(at.level()) >>> 12);
    } finally {
      entry.unlock();
    }
    return Status.SUCCESS;
  }

  /** Zeroes what is left of the page; false when an interrupt came before the end. */
  private static boolean initialize(TdCall call, SeptEntry entry) {
    GuestContext vcpu = call.vcpu();
    long keyed = vcpu.keyed(entry.hpa());
    int pages = 1 << PageSize.shift(entry.level()) - PageSize.shift(PageSize.LEVEL_4K);
    int done = entry.acceptProgress();
    while (done < pages && pages > 1 && call.interruptPending()) {
      vcpu.bus().initialize(keyed + (long) done * PAGE, PAGE);
      if (++done < pages) {
        entry.setAcceptProgress(done);
        return false;
      }
    }
    if (done < pages) {
      vcpu.bus().initialize(keyed + (long) done * PAGE, (long) (pages - done) * PAGE);
    }
    return true;
  }

  private static long leave(TdCall call, GpaMapping at, SeptEntry entry) {
    EptViolation.ofEntry(call.vcpu(), ExtendedQualification.ACCEPT, at, entry);
    return TdCall.LEAVE_AND_REPEAT;
  }
}
