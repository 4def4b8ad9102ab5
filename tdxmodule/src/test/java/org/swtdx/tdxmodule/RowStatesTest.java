package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.tdxmodule.reference.LeafText;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.OpState;

/**
 * Every leaf works in the states that its row names and in no others. What it needs to get as far
 * as looking at a state is in its row too: where the TD goes, or the vCPU, the mapping, a page.
 */
class RowStatesTest {
  private static final long GPA = 0x80_0000, LARGE = 0x4000_0000L;
  private static final long DEBUG = 1;

  /** What no leaf takes for a page, so that none changes anything. */
  private static final long NO_PAGE = 8;

  private static final int TDCALL = 77;
  private static final Pattern LEVELS = Pattern.compile("level\\D*(\\d)(?: (?:or|to) (\\d))?");
  private static final Set<StatusCode> OF_THE_ENTRY =
      EnumSet.of(
          StatusCode.EPT_ENTRY_STATE_INCORRECT,
          StatusCode.EPT_ENTRY_NOT_PRESENT,
          StatusCode.EPT_WALK_FAILED,
          StatusCode.GPA_RANGE_ALREADY_BLOCKED);

  private static Stream<LeafText> offered(List<LeafText> leaves) {
    return leaves.stream().filter(leaf -> leaf.row().offered());
  }

  static Stream<LeafText> leavesOnTds() {
    return offered(LeafText.HOST).filter(leaf -> leaf.row().opStates() != 0);
  }

  /** Those that take no vCPU, of which there is none without control pages. */
  static Stream<LeafText> leavesThatTakeTds() {
    return leavesOnTds()
        .filter(leaf -> leaf.inputs().stream().anyMatch(in -> in.text().matches("TDR\\b.*")));
  }

  static Stream<LeafText> leavesOnEntries() {
    return offered(LeafText.HOST).filter(leaf -> leaf.row().septStates() != 0);
  }

  static Stream<LeafText> guestLeavesOnEntries() {
    return offered(LeafText.GUEST).filter(leaf -> leaf.row().septStates() != 0);
  }

  @ParameterizedTest
  @MethodSource("leavesOnTds")
  void aLeafIsAllowedInItsOperationStates(LeafText leaf) {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      long[] operands = operands(leaf, host, tdr, GPA | 8, NO_PAGE);
      if (leaf.row().number() == Host.MNG_ADDCX) {
        host.td(tdr).tdcxPages().removeLast();
      }
      for (OpState state : OpState.values()) {
        host.td(tdr).tdcs().setOpState(state);

        long status = host.call(leaf.row().number(), operands);

        assertThat(status == Status.OP_STATE_INCORRECT)
            .as("in %s: 0x%x", state, status)
            .isEqualTo((leaf.row().opStates() & state.bit()) == 0);
        assertThat(Status.is(status, Status.OPERAND_BUSY)).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("leavesThatTakeTds")
  void fatalComesFirstThenKeysThenControlPages(LeafText leaf) {
    int number = leaf.row().number();
    try (Host host = Host.ready()) {
      long tdr = host.createTd(Host.TD_KEYID);
      long[] operands = operands(leaf, host, tdr, GPA, NO_PAGE);
      if (number != Host.MNG_ADDCX) {
        assertThat(host.call(number, operands)).isEqualTo(Status.TDCS_NOT_ALLOCATED);
      }
      host.td(tdr).setLifecycle(LifecycleState.TD_HKID_ASSIGNED);
      assertThat(host.call(number, operands)).isEqualTo(Status.TD_KEYS_NOT_CONFIGURED);
      host.td(tdr).setFatal();
      assertThat(host.call(number, operands)).isEqualTo(Status.TD_FATAL);
    }
  }

  @ParameterizedTest
  @MethodSource("leavesOnEntries")
  void aHostLeafTakesTheEntriesOfItsRow(LeafText leaf) {
    int number = leaf.row().number();
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, DEBUG);
      int place = 0;
      for (SeptState state : SeptState.values()) {
        boolean takes = (leaf.row().septStates() & state.bit()) != 0;
        for (int level : levels(leaf, state)) {
          long gpa = level == 0 ? GPA + place * 0x1000L : LARGE * (1 + place);
          SeptStateMatrixTest.arrange(host, number, tdr, level, gpa, state);
          long mapping = mappingText(leaf).startsWith("mapping") ? gpa | level : gpa;
          long[] operands = operands(leaf, host, tdr, mapping, host.page());
          if (number == Host.SEPT_ADD) {
            operands[1] |= state == SeptState.NL_MAPPED ? 1 : 0; // ALLOW_EXISTING, of version 1
          }
          int version = number == Host.SEPT_ADD ? 1 << 16 : 0;

          TdxStatus status = TdxStatus.of(host.call(number | version, operands));

          assertThat(OF_THE_ENTRY.contains(status.code()))
              .as("%s, level %d: %s", state, level, status)
              .isEqualTo(!takes);
        }
        place++;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("guestLeavesOnEntries")
  void aGuestLeafTakesTheEntriesOfItsRow(LeafText leaf) {
    for (SeptState state : SeptState.values()) {
      boolean takes = (leaf.row().septStates() & state.bit()) != 0;
      int level = state.isNonLeaf() ? 1 : 0;
      long gpa = level == 0 ? GPA : LARGE;
      long mapping = mappingText(leaf).startsWith("mapping") ? gpa | level : gpa;
      GuestCode code =
          new GuestCode().leaf(leaf.row().number(), mapping, 0, 0).move(12, GuestCode.RAX).report();
      try (GuestTd td = new GuestTd(code)) {
        SeptStateMatrixTest.arrange(td, level, state);

        long exit = td.enter();

        assertThat(exit == TDCALL && td.host.regs.r12 == 0)
            .as("%s: exit %d, status 0x%x", state, exit, td.host.regs.r12)
            .isEqualTo(takes);
      }
    }
  }

  /** Levels at which an entry of {@code state} is looked at, of those that the leaf takes. */
  private static List<Integer> levels(LeafText leaf, SeptState state) {
    String text = mappingText(leaf);
    int lowest = 0;
    int highest = 0;
    Matcher matcher = LEVELS.matcher(text);
    if (matcher.find()) {
      lowest = Integer.parseInt(matcher.group(1));
      String last = matcher.group(2);
      highest = last == null ? lowest : Integer.parseInt(last);
    }
    List<Integer> levels = new ArrayList<>();
    for (int level = Math.max(lowest, state.isNonLeaf() ? 1 : 0); level <= 1; level++) {
      if (level <= highest) {
        levels.add(level);
      }
    }
    return levels;
  }

  private static String mappingText(LeafText leaf) {
    return leaf.inputs().stream()
        .map(LeafText.Item::text)
        .filter(text -> text.matches("(mapping|GPA)\\b.*"))
        .findFirst()
        .orElse("");
  }

  /** What the row says of RCX, RDX, R8 and R9, put into them. */
  private static long[] operands(LeafText leaf, Host host, long tdr, long mapping, long page) {
    List<String> registers = List.of("RCX", "RDX", "R8", "R9");
    long[] operands = new long[registers.size()];
    for (LeafText.Item input : leaf.inputs()) {
      int register = registers.indexOf(input.name());
      if (register >= 0) {
        operands[register] = operand(input.text(), host, tdr, mapping, page);
      }
    }
    return operands;
  }

  private static long operand(String text, Host host, long tdr, long mapping, long page) {
    String what = text.split("[ ,:;]", 2)[0];
    return switch (what) {
      case "TDR" -> tdr;
      case "TDVPR" -> VcpuStatusCases.vcpu(host, tdr, 0);
      case "mapping", "GPA" -> mapping;
      case "page", "new" -> page;
      case "source" -> Host.SOURCE;
      default -> 0;
    };
  }
}
