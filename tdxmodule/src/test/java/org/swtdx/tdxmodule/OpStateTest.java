package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.OpState;

/** In which operation states of a TD each leaf answers with anything but OP_STATE_INCORRECT. */
class OpStateTest {
  private static final long GPA = 0x80_0000;

  /** Leaf, number, where the TD goes (c RCX, d RDX), and the values of the states it works in. */
  private static final String[] ROWS = {
    "MNG.ADDCX 1 d 0", "PAGE.ADD 2 d 1",
    "SEPT.ADD 3 d 1 2 3 6 7 8 9", "PAGE.RELOCATE 5 d 1 2 3 4 5 8 9",
    "PAGE.AUG 6 d 1 2 3 9", "RANGE.BLOCK 7 d 1 2 3 4 5 8 9",
    "MNG.RD 11 c 1 2 3 4 5 6 7 8 9 10", "MEM.RD 12 d 1 2 3 4 5 6 7 8 9 10",
    "MNG.WR 13 c 1 2 3 6 7 8 9 10", "MEM.WR 14 d 1 2 3 6 7 8 9 10",
    "MR.EXTEND 16 d 1", "MR.FINALIZE 17 c 1",
    "MNG.INIT 21 c 0", "SEPT.RD 25 d 1 2 3 4 5 6 7 8 9 10",
    "PAGE.REMOVE 29 d 1 2 3 4 5 8 9 10", "SEPT.REMOVE 30 d 1 2 3 4 5 6 7 8 9 10",
    "MEM.TRACK 38 c 1 2 3 4 5 6 7 8 9", "RANGE.UNBLOCK 39 d 1 2 3 4 5 8 9"
  };

  static Stream<Arguments> rows() {
    return Stream.of(ROWS).map(r -> Arguments.of(r, r.split(" ")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void aLeafIsAllowedInItsOperationStates(String row, String[] words) {
    int leaf = Integer.parseInt(words[1]);
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      if (leaf == Host.MNG_ADDCX) {
        host.td(tdr).tdcxPages().removeLast();
      }
      boolean tdFirst = words[2].equals("c");
      for (OpState state : OpState.values()) {
        host.td(tdr).tdcs().setOpState(state);

        long status =
            tdFirst
                ? host.call(leaf, tdr, 0x800, 0, 0)
                : host.call(leaf, GPA + 8, tdr, host.page(), Host.SOURCE);

        boolean allowed = columns(words, state.value());
        assertThat(status == Status.OP_STATE_INCORRECT)
            .as("%s in %s: 0x%x", words[0], state, status)
            .isEqualTo(!allowed);
        assertThat(Status.is(status, Status.OPERAND_BUSY)).isFalse();
      }
    }
  }

  private static boolean columns(String[] words, int state) {
    for (int i = 3; i < words.length; i++) {
      if (Integer.parseInt(words[i]) == state) {
        return true;
      }
    }
    return false;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void fatalComesFirstThenKeysThenControlPages(String row, String[] words) {
    int leaf = Integer.parseInt(words[1]);
    try (Host host = Host.ready()) {
      long tdr = host.createTd(Host.TD_KEYID);
      long[] operands =
          words[2].equals("c") ? new long[] {tdr} : new long[] {GPA, tdr, host.page()};
      if (leaf != Host.MNG_ADDCX) {
        assertThat(host.call(leaf, operands)).isEqualTo(Status.TDCS_NOT_ALLOCATED);
      }
      host.td(tdr).setLifecycle(LifecycleState.TD_HKID_ASSIGNED);
      assertThat(host.call(leaf, operands)).isEqualTo(Status.TD_KEYS_NOT_CONFIGURED);
      host.td(tdr).setFatal();
      assertThat(host.call(leaf, operands)).isEqualTo(Status.TD_FATAL);
    }
  }
}
