package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.tdxmodule.leaf.LeafDescriptor;
import org.swtdx.tdxmodule.leaf.LeafTable;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.OpState;

/** Every leaf that works on a TD, in every operation state: it works exactly where documented. */
class OpStateMatrixTest {
  private static final long GPA = 0x80_0000;
  private static final long LARGE = 0x4000_0000L;
  private static final int VP_ENTER = 0, VP_ADDCX = 4, VP_CREATE = 10, DEMOTE = 15, VP_FLUSH = 18;
  private static final int VP_INIT = 22, PROMOTE = 23, VP_RD = 26, VP_WR = 43;

  static Stream<Arguments> cells() {
    List<Arguments> cells = new ArrayList<>();
    StateMatrix.of("op")
        .forEach(
            (leaf, states) -> {
              for (OpState state : OpState.values()) {
                cells.add(Arguments.of(leaf, state, states.contains(state.name())));
              }
            });
    return cells.stream();
  }

  @ParameterizedTest(name = "{0} in {1}: {2}")
  @MethodSource("cells")
  void aLeafWorksWhereDocumented(String leaf, OpState state, boolean works) {
    try (Host host = Host.ready()) {
      int number = number(host, leaf);
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      long[] operands = operands(host, number, tdr);
      host.td(tdr).tdcs().setOpState(state);

      long status = host.call(number, operands);

      assertThat(status == Status.OP_STATE_INCORRECT).as("status 0x%x", status).isEqualTo(!works);
      if (works && succeeds(number, state)) {
        assertThat(Status.isError(status)).as("status 0x%x", status).isFalse();
      }
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

  /** Where the state alone decides; a leaf that removes needs TLB tracking in a TD that runs. */
  private static boolean succeeds(int number, OpState state) {
    return switch (number) {
      case Host.PAGE_RELOCATE,
          DEMOTE,
          PROMOTE,
          Host.PAGE_REMOVE,
          Host.SEPT_REMOVE,
          Host.RANGE_UNBLOCK ->
          !state.trackingRequired();
      case Host.MNG_RD, Host.MNG_WR, VP_RD, VP_WR, Host.MEM_RD, Host.MEM_WR, Host.MNG_ADDCX ->
          false;
      default -> true;
    };
  }

  /** Operands with which the leaf succeeds in a state that it is for. */
  private static long[] operands(Host host, int number, long tdr) {
    return switch (number) {
      case VP_ENTER, VP_FLUSH, VP_RD, VP_WR -> new long[] {VcpuStatusCases.vcpu(host, tdr, 0)};
      case VP_INIT -> new long[] {VcpuStatusCases.created(host, tdr, 5), 0, 0};
      case VP_ADDCX -> {
        long tdvpr = VcpuStatusCases.created(host, tdr, 0);
        yield new long[] {host.page(), tdvpr};
      }
      case VP_CREATE -> new long[] {host.page(), tdr};
      case Host.MNG_ADDCX -> {
        host.td(tdr).tdcxPages().removeLast();
        yield new long[] {host.page(), tdr};
      }
      case Host.MNG_INIT -> new long[] {tdr, Host.TD_PARAMS};
      case Host.MR_FINALIZE -> {
        host.pretendVcpu(tdr);
        yield new long[] {tdr};
      }
      case Host.MEM_TRACK, Host.MNG_RD, Host.MNG_WR -> new long[] {tdr};
      case DEMOTE, PROMOTE -> {
        host.addSept(tdr, LARGE, 1);
        Host.ok(host.call(Host.PAGE_AUG, LARGE | 1, tdr, host.largePage()));
        if (number == PROMOTE) {
          Host.ok(host.call(DEMOTE, LARGE | 1, tdr, host.page()));
        }
        yield new long[] {LARGE | 1, tdr, host.page()};
      }
      case Host.SEPT_ADD -> {
        host.addSept(tdr, GPA, 1);
        yield new long[] {GPA | 1, tdr, host.page()};
      }
      case Host.SEPT_REMOVE -> {
        host.addSept(tdr, GPA, 0);
        yield new long[] {GPA | 1, tdr};
      }
      default -> {
        host.addSept(tdr, GPA, 0);
        if (number != Host.PAGE_ADD && number != Host.PAGE_AUG) {
          Host.ok(host.call(Host.PAGE_ADD, GPA, tdr, host.page(), Host.SOURCE));
        }
        if (number == Host.RANGE_UNBLOCK) {
          Host.ok(host.call(Host.RANGE_BLOCK, GPA, tdr));
        }
        yield new long[] {GPA, tdr, host.page(), Host.SOURCE};
      }
    };
  }
}
