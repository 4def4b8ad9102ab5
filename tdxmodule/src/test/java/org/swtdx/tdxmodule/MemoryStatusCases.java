package org.swtdx.tdxmodule;

import static org.swtdx.tdxmodule.StatusCase.ready;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.tdxmodule.platform.Disturbances;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;

/** How to reach the statuses of the TDH.MEM and TDH.MR leaves. */
final class MemoryStatusCases {
  private static final long GPA = 0x80_0000;
  private static final long LARGE = 0x4000_0000L;
  private static final long ELSEWHERE = 1L << 40;
  private static final int DEMOTE = 15, PROMOTE = 23;

  /** A mapping on which the leaf succeeds, and the TD. */
  private record Target(long tdr, long mapping) {
    /** A mapping of the same level at which there is nothing. */
    long free() {
      return mapping + (4096L << 9 * (mapping & 7));
    }
  }

  private static final Map<String, Integer> LEAVES =
      Map.ofEntries(
          Map.entry("TDH.MEM.PAGE.ADD", Host.PAGE_ADD),
          Map.entry("TDH.MEM.SEPT.ADD", Host.SEPT_ADD),
          Map.entry("TDH.MEM.PAGE.RELOCATE", Host.PAGE_RELOCATE),
          Map.entry("TDH.MEM.PAGE.AUG", Host.PAGE_AUG),
          Map.entry("TDH.MEM.RANGE.BLOCK", Host.RANGE_BLOCK),
          Map.entry("TDH.MEM.PAGE.DEMOTE", DEMOTE),
          Map.entry("TDH.MEM.PAGE.PROMOTE", PROMOTE),
          Map.entry("TDH.MEM.SEPT.RD", Host.SEPT_RD),
          Map.entry("TDH.MEM.PAGE.REMOVE", Host.PAGE_REMOVE),
          Map.entry("TDH.MEM.SEPT.REMOVE", Host.SEPT_REMOVE),
          Map.entry("TDH.MEM.RANGE.UNBLOCK", Host.RANGE_UNBLOCK));

  private MemoryStatusCases() {}

  static List<StatusCase> all() {
    List<StatusCase> cases = new ArrayList<>();
    LEAVES.forEach((name, leaf) -> addMapping(cases, name, leaf));
    cases.add(
        ready(
            "TDH.MEM.RANGE.BLOCK",
            StatusCode.GPA_RANGE_ALREADY_BLOCKED,
            Operand.RCX,
            h -> {
              Target t = target(h, Host.RANGE_BLOCK);
              Host.ok(h.call(Host.RANGE_BLOCK, t.mapping, t.tdr));
              return h.call(Host.RANGE_BLOCK, t.mapping, t.tdr);
            }));
    cases.add(
        ready(
            "TDH.MEM.SEPT.REMOVE",
            StatusCode.EPT_PAGE_NOT_FREE,
            Operand.RCX,
            h -> {
              Target t = target(h, Host.SEPT_REMOVE);
              Host.ok(h.call(Host.PAGE_AUG, GPA, t.tdr, h.page()));
              return h.call(Host.SEPT_REMOVE, t.mapping, t.tdr);
            }));
    addTrack(cases);
    addMeasurement(cases);
    return cases;
  }

  private static void addMapping(List<StatusCase> cases, String name, int leaf) {
    cases.add(ready(name, StatusCode.SUCCESS, 0, h -> call(h, leaf, target(h, leaf))));
    cases.add(
        ready(
            name,
            StatusCode.OPERAND_INVALID,
            Operand.RCX,
            h -> {
              Target t = target(h, leaf);
              return call(h, leaf, new Target(t.tdr, t.mapping | 1L << 47));
            }));
    cases.add(
        ready(
            name,
            StatusCode.EPT_WALK_FAILED,
            Operand.RCX,
            h -> {
              Target t = target(h, leaf);
              return call(h, leaf, new Target(t.tdr, t.mapping | ELSEWHERE));
            }));
    if (leaf != Host.SEPT_RD) {
      cases.add(
          ready(name, StatusCode.EPT_ENTRY_STATE_INCORRECT, Operand.RCX, h -> wrongState(h, leaf)));
    }
    boolean removes =
        leaf == Host.PAGE_RELOCATE
            || leaf == DEMOTE
            || leaf == PROMOTE
            || leaf == Host.PAGE_REMOVE
            || leaf == Host.SEPT_REMOVE;
    if (removes) {
      cases.add(
          ready(
              name,
              StatusCode.GPA_RANGE_NOT_BLOCKED,
              Operand.RCX,
              h -> call(h, leaf, runnable(h, leaf))));
    }
    if (removes || leaf == Host.RANGE_UNBLOCK) {
      cases.add(
          ready(
              name,
              StatusCode.TLB_TRACKING_NOT_DONE,
              Operand.RCX,
              h -> {
                Target t = runnable(h, leaf);
                h.call(Host.RANGE_BLOCK, t.mapping, t.tdr); // UNBLOCK's target is blocked already
                return call(h, leaf, t);
              }));
    }
    if (leaf == DEMOTE || leaf == PROMOTE) {
      cases.add(
          ready(
              name,
              StatusCode.INTERRUPTED_RESTARTABLE,
              0,
              h -> {
                Target t = target(h, leaf);
                h.state().setDisturbances(INTERRUPT);
                return call(h, leaf, t);
              }));
    }
  }

  static final Disturbances INTERRUPT =
      new Disturbances() {
        @Override
        public boolean interruptPending() {
          return true;
        }
      };

  private static long call(Host h, int leaf, Target t) {
    return h.call(leaf, t.mapping, t.tdr, h.page(), Host.SOURCE);
  }

  private static Target runnable(Host h, int leaf) {
    Target t = target(h, leaf);
    h.pretendVcpu(t.tdr);
    Host.ok(h.call(Host.MR_FINALIZE, t.tdr));
    return t;
  }

  private static long wrongState(Host h, int leaf) {
    Target t = target(h, leaf);
    boolean takesFreeEntries =
        leaf == Host.PAGE_ADD || leaf == Host.PAGE_AUG || leaf == Host.SEPT_ADD;
    if (takesFreeEntries) {
      Host.ok(call(h, leaf, t));
      return call(h, leaf, t);
    }
    return call(h, leaf, new Target(t.tdr, t.free()));
  }

  /** A TD with what the leaf needs to succeed. */
  private static Target target(Host h, int leaf) {
    long tdr = h.initializedTd(Host.TD_KEYID, 0);
    switch (leaf) {
      case Host.PAGE_ADD, Host.PAGE_AUG, Host.SEPT_RD -> h.addSept(tdr, GPA, 0);
      case Host.SEPT_ADD -> h.addSept(tdr, GPA, 1);
      case Host.SEPT_REMOVE -> h.addSept(tdr, GPA, 0);
      case DEMOTE, PROMOTE -> {
        h.addSept(tdr, LARGE, 1);
        Host.ok(h.call(Host.PAGE_AUG, LARGE | 1, tdr, h.largePage()));
        if (leaf == PROMOTE) {
          Host.ok(h.call(DEMOTE, LARGE | 1, tdr, h.page()));
        }
        return new Target(tdr, LARGE | 1);
      }
      default -> {
        h.addSept(tdr, GPA, 0);
        Host.ok(h.call(Host.PAGE_ADD, GPA, tdr, h.page(), Host.SOURCE));
        if (leaf == Host.RANGE_UNBLOCK) {
          Host.ok(h.call(Host.RANGE_BLOCK, GPA, tdr));
        }
      }
    }
    return new Target(tdr, leaf == Host.SEPT_ADD || leaf == Host.SEPT_REMOVE ? GPA | 1 : GPA);
  }

  private static void addTrack(List<StatusCase> cases) {
    String leaf = "TDH.MEM.TRACK";
    cases.add(
        ready(
            leaf,
            StatusCode.SUCCESS,
            0,
            h -> h.call(Host.MEM_TRACK, runnable(h, Host.PAGE_AUG).tdr)));
    cases.add(
        ready(
            leaf,
            StatusCode.OPERAND_BUSY,
            Operand.TD_EPOCH,
            h -> {
              long tdr = runnable(h, Host.PAGE_AUG).tdr;
              h.td(tdr).tdcs().epochs().lock().tryHost(false); // a vCPU about to enter
              return h.call(Host.MEM_TRACK, tdr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.PREVIOUS_TLB_EPOCH_BUSY,
            0,
            h -> {
              long tdr = runnable(h, Host.PAGE_AUG).tdr;
              h.td(tdr).tdcs().epochs().enter();
              Host.ok(h.call(Host.MEM_TRACK, tdr));
              return h.call(Host.MEM_TRACK, tdr);
            }));
  }

  private static void addMeasurement(List<StatusCase> cases) {
    String extend = "TDH.MR.EXTEND";
    cases.add(
        ready(
            extend,
            StatusCode.SUCCESS,
            0,
            h -> {
              Target t = target(h, Host.PAGE_REMOVE);
              return h.call(Host.MR_EXTEND, GPA + 0x100, t.tdr);
            }));
    cases.add(
        ready(
            extend,
            StatusCode.OPERAND_INVALID,
            Operand.RCX,
            h -> h.call(Host.MR_EXTEND, GPA + 0x80, target(h, Host.PAGE_REMOVE).tdr)));
    cases.add(
        ready(
            extend,
            StatusCode.EPT_ENTRY_NOT_PRESENT,
            StatusCase.ANY_DETAILS,
            h -> h.call(Host.MR_EXTEND, GPA, target(h, Host.PAGE_AUG).tdr)));
    cases.add(
        ready(
            extend,
            StatusCode.EPT_ENTRY_NOT_PRESENT,
            0,
            h -> {
              long tdr = target(h, Host.PAGE_REMOVE).tdr;
              h.td(tdr).tdcs().sept().walk(GPA, 0).setState(SeptState.BLOCKEDW);
              return h.call(Host.MR_EXTEND, GPA, tdr);
            }));
    cases.add(
        ready(
            "TDH.MR.FINALIZE",
            StatusCode.SUCCESS,
            0,
            h -> {
              long tdr = h.initializedTd(Host.TD_KEYID, 0);
              h.pretendVcpu(tdr);
              return h.call(Host.MR_FINALIZE, tdr);
            }));
    cases.add(
        ready(
            "TDH.MR.FINALIZE",
            StatusCode.NO_VCPUS,
            0,
            h -> h.call(Host.MR_FINALIZE, h.initializedTd(Host.TD_KEYID, 0))));
  }
}
