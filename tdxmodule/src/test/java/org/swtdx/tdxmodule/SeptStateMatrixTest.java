package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.tdxmodule.leaf.LeafDescriptor;
import org.swtdx.tdxmodule.leaf.LeafTable;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;

/** Every leaf that looks at a Secure EPT entry, on an entry of every state and level. */
class SeptStateMatrixTest {
  private static final long SMALL = 0x80_0000;
  private static final long LARGE = 0x4000_0000L;
  private static final long DEBUG = 1;
  private static final int DEMOTE = 15, PROMOTE = 23;
  private static final int ACCEPT = 6, ATTR_RD = 23, ATTR_WR = 24;
  private static final int EPT_VIOLATION = 48, TDCALL = 77;

  static Stream<Arguments> hostCells() {
    List<Arguments> cells = new ArrayList<>();
    StateMatrix.of("sept")
        .forEach(
            (leaf, states) -> {
              if (leaf.startsWith("TDH.")) {
                for (int level = 0; level <= 1; level++) {
                  addCells(cells, leaf, level, states);
                }
              }
            });
    return cells.stream();
  }

  private static void addCells(List<Arguments> cells, String leaf, int level, Set<String> states) {
    boolean onlySmall = leaf.equals("TDH.MEM.PAGE.ADD") || leaf.equals("TDH.MEM.PAGE.RELOCATE");
    boolean onlyLarge =
        leaf.equals("TDH.MEM.SEPT.ADD")
            || leaf.equals("TDH.MEM.SEPT.REMOVE")
            || leaf.equals("TDH.MEM.PAGE.PROMOTE")
            || leaf.equals("TDH.MEM.PAGE.DEMOTE");
    if (level == 0 ? onlyLarge : onlySmall) {
      return;
    }
    boolean walksToLeaf =
        leaf.equals("TDH.MEM.RD") || leaf.equals("TDH.MEM.WR") || leaf.equals("TDH.MR.EXTEND");
    for (SeptState state : SeptState.values()) {
      if (level > 0 && !walksToLeaf || !state.isNonLeaf()) {
        cells.add(Arguments.of(leaf, level, state, states.contains(state.name())));
      }
    }
  }

  @ParameterizedTest(name = "{0} of level {1} {2}: {3}")
  @MethodSource("hostCells")
  void aHostLeafTakesTheEntryWhereDocumented(
      String leaf, int level, SeptState state, boolean takes) {
    try (Host host = Host.ready()) {
      int number = number(host, leaf);
      long tdr = host.initializedTd(Host.TD_KEYID, DEBUG);
      arrange(host, number, tdr, level, level == 0 ? SMALL : LARGE, state);
      boolean byAddress =
          number == Host.MEM_RD || number == Host.MEM_WR || number == Host.MR_EXTEND;
      long mapping = (level == 0 ? SMALL : LARGE) | (byAddress ? 0 : level);
      long page = level == 1 && number == Host.PAGE_AUG ? host.largePage() : host.page();

      TdxStatus status = TdxStatus.of(host.call(number, mapping, tdr, page, Host.SOURCE));

      assertThat(status.code()).isEqualTo(expected(number, state, takes));
      if (status.isError() && !byAddress) {
        assertThat(host.regs.rdx).isEqualTo((long) state.publicState() << 8 | level);
      }
    }
  }

  private static StatusCode expected(int number, SeptState state, boolean takes) {
    if (number == Host.SEPT_ADD && state.isNonLeaf()) {
      return StatusCode.EPT_ENTRY_STATE_INCORRECT; // taken only to add pages for L2 VMs
    }
    if (takes) {
      return StatusCode.SUCCESS;
    }
    return switch (number) {
      case Host.RANGE_BLOCK ->
          state.isBlocked()
              ? StatusCode.GPA_RANGE_ALREADY_BLOCKED
              : StatusCode.EPT_ENTRY_STATE_INCORRECT;
      case Host.MEM_RD, Host.MEM_WR ->
          state.isAccessibleLeaf()
              ? StatusCode.EPT_ENTRY_STATE_INCORRECT
              : StatusCode.EPT_ENTRY_NOT_PRESENT;
      case Host.MR_EXTEND -> StatusCode.EPT_ENTRY_NOT_PRESENT;
      default -> StatusCode.EPT_ENTRY_STATE_INCORRECT;
    };
  }

  /** Brings the entry for an address into a state. */
  static void arrange(Host host, int number, long tdr, int level, long gpa, SeptState state) {
    host.addSept(tdr, gpa, level);
    if (state.isNonLeaf() && number != PROMOTE) {
      host.addSept(tdr, gpa, 0);
    } else if (state.isNonLeaf()) {
      Host.ok(host.call(Host.PAGE_AUG, gpa | level, tdr, host.largePage()));
      Host.ok(host.call(DEMOTE, gpa | level, tdr, host.page()));
    } else if (state.isLeaf()) {
      long page = level == 0 ? host.page() : host.largePage();
      Host.ok(host.call(Host.PAGE_AUG, gpa | level, tdr, page));
      long keyed = host.state().layout().keyed(page, Host.TD_KEYID);
      host.state().bus().initialize(keyed, PageSize.bytes(level)); // as an accept would
    }
    SeptEntry entry = host.td(tdr).tdcs().sept().walk(gpa, level);
    if (state == SeptState.FREE || state == SeptState.REMOVED) {
      entry.clear(state);
    } else {
      entry.setState(state);
    }
  }

  private static int number(Host host, String name) {
    return new LeafTable(host.state())
        .all().stream()
            .filter(leaf -> leaf.name().equals(name))
            .mapToInt(LeafDescriptor::number)
            .findFirst()
            .orElseThrow();
  }

  static Stream<Arguments> guestCells() {
    List<Arguments> cells = new ArrayList<>();
    StateMatrix.of("sept")
        .forEach(
            (leaf, states) -> {
              for (SeptState state : SeptState.values()) {
                for (int level = state.isNonLeaf() ? 1 : 0; level <= 1; level++) {
                  if (leaf.startsWith("TDG.")) {
                    cells.add(Arguments.of(leaf, level, state, states.contains(state.name())));
                  }
                }
              }
            });
    return cells.stream();
  }

  @ParameterizedTest(name = "{0} of level {1} {2}: {3}")
  @MethodSource("guestCells")
  void aGuestLeafTakesTheEntryWhereDocumented(
      String leaf, int level, SeptState state, boolean takes) {
    int number = guestNumber(leaf);
    long gpa = level == 0 ? SMALL : LARGE;
    long mapping = gpa | (number == ATTR_RD ? 0 : level);
    GuestCode code = new GuestCode().leaf(number, mapping, 0, 0).move(12, GuestCode.RAX).report();
    try (GuestTd td = new GuestTd(code)) {
      arrange(td, level, state);

      long exit = td.enter();

      StatusCode wanted = expectedOfGuest(number, state, takes);
      if (wanted == null) {
        assertThat(exit).isEqualTo(EPT_VIOLATION);
        assertThat(td.host.regs.r8).isEqualTo(gpa);
      } else {
        assertThat(exit).isEqualTo(TDCALL);
        assertThat(TdxStatus.of(td.host.regs.r12).code()).isEqualTo(wanted);
      }
    }
  }

  /** What the guest gets; null where the TD is left with an EPT violation instead. */
  private static @Nullable StatusCode expectedOfGuest(int number, SeptState state, boolean takes) {
    if (takes) {
      return StatusCode.SUCCESS;
    }
    if (number == ACCEPT && state.isAccessibleLeaf()) {
      return StatusCode.PAGE_ALREADY_ACCEPTED;
    }
    boolean smallerPages = (number == ACCEPT || number == ATTR_WR) && state.isNonLeaf();
    return smallerPages ? StatusCode.PAGE_SIZE_MISMATCH : null;
  }

  /** Brings the entry of a running TD into a state. */
  static void arrange(GuestTd td, int level, SeptState state) {
    long gpa = level == 0 ? SMALL : LARGE;
    if (state.isNonLeaf()) {
      td.host.addSept(td.tdr, gpa, 0);
    } else if (level == 0) {
      td.augment(gpa);
    } else {
      td.augmentLarge(gpa);
    }
    SeptEntry entry = td.tdcs().sept().walk(gpa, level);
    if (state == SeptState.FREE || state == SeptState.REMOVED) {
      entry.clear(state);
    } else {
      entry.setState(state);
    }
  }

  private static int guestNumber(String leaf) {
    return switch (leaf) {
      case "TDG.MEM.PAGE.ACCEPT" -> ACCEPT;
      case "TDG.MEM.PAGE.ATTR.RD" -> ATTR_RD;
      case "TDG.MEM.PAGE.ATTR.WR" -> ATTR_WR;
      default -> throw new AssertionError(leaf);
    };
  }
}
