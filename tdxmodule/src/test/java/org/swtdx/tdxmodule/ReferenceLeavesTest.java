package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.swtdx.tdxmodule.guest.TdCallDispatcher;
import org.swtdx.tdxmodule.leaf.LeafTable;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.table.LeafRow;
import org.swtdx.tdxmodule.td.OpState;

/**
 * What the tests know of the leaves of TDX module 1.5.06, apart from the module's own tables: no
 * leaf of it gets lost, and the module's rows say the same. A leaf that it does not have is held to
 * its own row, by {@link RowStatesTest} and {@link LeafStatuses#wanted()}.
 */
class ReferenceLeavesTest {
  private static final int HOST_LEAVES = 47, GUEST_LEAVES = 17;

  @Test
  void noLeafOfTheReferenceIsMissing() throws IOException {
    Set<String> host = StateMatrix.all("op").keySet();
    Set<String> all = StateMatrix.all("sept").keySet();

    assertThat(host).hasSize(HOST_LEAVES).allMatch(name -> name.startsWith("TDH."));
    assertThat(all).hasSize(HOST_LEAVES + GUEST_LEAVES).containsAll(host);
    assertThat(all.stream().filter(name -> name.startsWith("TDG."))).hasSize(GUEST_LEAVES);
    assertThat(LeafStatuses.documented().keySet()).isEqualTo(all);
    Set<String> offered =
        Stream.concat(LeafTable.rows().stream(), TdCallDispatcher.rows().stream())
            .filter(LeafRow::offered)
            .map(LeafRow::name)
            .collect(Collectors.toSet());
    assertThat(offered).containsAll(all);
  }

  @Test
  void rowsHaveTheStatesOfTheReference() {
    Map<String, Set<String>> operation = StateMatrix.all("op");
    Map<String, Set<String>> entry = StateMatrix.all("sept");
    for (List<LeafRow> rows : List.of(LeafTable.rows(), TdCallDispatcher.rows())) {
      for (LeafRow row : rows) {
        if (operation.containsKey(row.name())) {
          assertThat(opStates(row)).as(row.name()).isEqualTo(operation.get(row.name()));
        }
        if (entry.containsKey(row.name())) {
          assertThat(septStates(row)).as(row.name()).isEqualTo(entry.get(row.name()));
        }
      }
    }
  }

  private static Set<String> opStates(LeafRow row) {
    Set<String> names = new TreeSet<>();
    for (OpState state : OpState.values()) {
      if ((row.opStates() & state.bit()) != 0) {
        names.add(state.name());
      }
    }
    return names;
  }

  private static Set<String> septStates(LeafRow row) {
    Set<String> names = new TreeSet<>();
    for (SeptState state : SeptState.values()) {
      if ((row.septStates() & state.bit()) != 0) {
        names.add(state.name());
      }
    }
    return names;
  }
}
