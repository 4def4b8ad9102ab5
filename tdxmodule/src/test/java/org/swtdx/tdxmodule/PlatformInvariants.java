package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/** What holds on a platform whenever no leaf is being executed, whatever was called before. */
final class PlatformInvariants {
  private static final int ENTRIES = 512;

  private final Host host;
  private final List<Long> frames;

  /** Invariants of a platform of which the host uses these 4 KiB frames and no others. */
  PlatformInvariants(Host host, List<Long> frames) {
    this.host = host;
    this.frames = List.copyOf(frames);
  }

  /** Fails when one does not hold. */
  void check() {
    Map<Long, Use> uses = new HashMap<>();
    for (Tdr tdr : host.state().tdrs().values()) {
      Map<Long, Use> own = usesOf(tdr);
      own.forEach((frame, use) -> put(uses, frame, use.type, use.owner));
    }
    Map<Long, Long> owned = new HashMap<>();
    for (long frame : frames) {
      PamtEntry entry = entry(frame);
      Use use = uses.get(frame);
      PageType type = use == null ? PageType.NDA : use.type;
      long owner = use == null ? 0 : use.owner;
      if (entry.type() != type || entry.owner() != owner) { // AssertJ takes too long for each frame
        throw new AssertionError(
            "frame 0x%x is %s of 0x%x, and its PAMT entry says %s of 0x%x"
                .formatted(frame, type, owner, entry.type(), entry.owner()));
      }
      if (use != null && type != PageType.TDR) {
        owned.merge(use.owner, 1L, Long::sum);
      }
    }
    for (Tdr tdr : host.state().tdrs().values()) {
      assertThat(tdr.childCount()).as("CHLDCNT").isEqualTo(owned.getOrDefault(tdr.hpa(), 0L));
    }
    keyIds();
  }

  /** What a frame is used for according to the structures of the TD. */
  private record Use(PageType type, long owner) {}

  /** The PAMT entry that decides: the highest one that says the page is part of a large one. */
  private PamtEntry entry(long frame) {
    return entry(host, frame);
  }

  /** As {@link #entry(long)} on a host. */
  static PamtEntry entry(Host host, long frame) {
    for (int level = 2; level > 0; level--) {
      PamtEntry large = host.state().pamt().implicit(frame & -TdModel.covered(level), level);
      if (large.type() == PageType.REG) {
        return large;
      }
    }
    return host.state().pamt().implicit(frame, 0);
  }

  private Map<Long, Use> usesOf(Tdr tdr) {
    Map<Long, Use> uses = new HashMap<>();
    put(uses, tdr.hpa(), PageType.TDR, 0);
    boolean complete = tdr.lifecycle() != LifecycleState.TD_TEARDOWN;
    if (!complete) { // the host takes frames back one by one; only the PAMT knows which
      for (long frame : frames) {
        PamtEntry entry = entry(frame);
        if (entry.type() != PageType.NDA && entry.owner() == tdr.hpa()) {
          put(uses, frame, entry.type(), tdr.hpa());
        }
      }
      return uses;
    }
    tdr.tdcxPages().forEach(page -> put(uses, page, PageType.TDCX, tdr.hpa()));
    for (Tdvps vcpu : host.state().vcpus().values()) {
      if (vcpu.tdr() == tdr) {
        List<Long> pages = vcpu.pages();
        put(uses, pages.getFirst(), PageType.TDVPR, tdr.hpa());
        pages.stream().skip(1).forEach(page -> put(uses, page, PageType.TDCX, tdr.hpa()));
      }
    }
    Tdcs tdcs = tdr.tdcs();
    if (tdr.tdcxPages().size() == Tdcs.BASE_PAGES && tdcs.opState().value() != 0) {
      for (int i = 0; i < ENTRIES; i++) {
        walk(uses, tdr, tdcs.sept().walk((long) i << 39, 3));
      }
    }
    return uses;
  }

  private static void walk(Map<Long, Use> uses, Tdr tdr, SeptEntry entry) {
    SeptState state = entry.state();
    if (state.isNonLeaf()) {
      put(uses, entry.hpa(), PageType.EPT, tdr.hpa());
      for (int i = 0; i < ENTRIES; i++) {
        SeptEntry child = entry.child(i);
        if (child == null) {
          throw new AssertionError("no table behind the entry for 0x%x".formatted(entry.hpa()));
        }
        walk(uses, tdr, child);
      }
    } else if (state.isLeaf()) {
      for (long at = 0; at < TdModel.covered(entry.level()); at += 4096) {
        put(uses, entry.hpa() + at, PageType.REG, tdr.hpa());
      }
    }
  }

  private static void put(Map<Long, Use> uses, long frame, PageType type, long owner) {
    Use other = uses.put(frame, new Use(type, owner));
    if (other != null) {
      throw new AssertionError("frame 0x%x is %s, and %s too".formatted(frame, other.type, type));
    }
  }

  /** A KeyID belongs to one TD until its caches are written back, and then to nobody. */
  private void keyIds() {
    Set<Integer> used = new HashSet<>();
    Kot kot = host.state().kot();
    for (Tdr tdr : host.state().tdrs().values()) {
      if (tdr.lifecycle() == LifecycleState.TD_TEARDOWN) {
        continue; // it gave the KeyID back
      }
      assertThat(used.add(tdr.keyId())).as("KeyID %d has one TD", tdr.keyId()).isTrue();
      boolean blocked = tdr.lifecycle() == LifecycleState.TD_BLOCKED;
      assertThat(kot.state(tdr.keyId()))
          .as("KeyID %d", tdr.keyId())
          .isEqualTo(blocked ? Kot.State.FLUSHED : Kot.State.ASSIGNED);
    }
    assertThat(kot.count(Kot.State.ASSIGNED) + kot.count(Kot.State.FLUSHED))
        .as("KeyIDs in use")
        .isEqualTo(used.size());
  }

  /** Takes everything back and fails when something is left. */
  void tearDown() {
    for (Tdvps vcpu : List.copyOf(host.state().vcpus().values())) {
      host.platform.processors().forEach(lp -> host.callOn(lp, 18, vcpu.hpa()));
    }
    List<Tdr> tds = List.copyOf(host.state().tdrs().values());
    for (Tdr tdr : tds) {
      host.call(Host.VPFLUSHDONE, tdr.hpa()); // refused where it was done
    }
    host.callOn(host.platform.processors().getFirst(), Host.CACHE_WB);
    host.callOn(host.platform.processors().getLast(), Host.CACHE_WB);
    for (Tdr tdr : tds) {
      host.call(Host.KEY_FREEID, tdr.hpa()); // refused where it was done
    }
    for (long frame : frames) {
      PamtEntry entry = entry(frame);
      if (entry.hpa() == frame && entry.type() != PageType.NDA && entry.type() != PageType.TDR) {
        Host.ok(host.call(Host.PAGE_RECLAIM, frame));
      }
    }
    tds.forEach(tdr -> Host.ok(host.call(Host.PAGE_RECLAIM, tdr.hpa())));
    check();
    assertThat(host.state().tdrs()).isEmpty();
    assertThat(host.state().vcpus()).isEmpty();
    Kot kot = host.state().kot();
    assertThat(kot.count(Kot.State.ASSIGNED) + kot.count(Kot.State.FLUSHED)).isZero();
    for (long frame : frames) {
      assertThat(entry(frame).type()).as("0x%x", frame).isEqualTo(PageType.NDA);
    }
  }
}
