package org.swtdx.tdxmodule.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.tdxmodule.LeafStatuses;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.td.OpState;
import tools.jackson.databind.JsonNode;

/** The leaf tables against the facts they were made from, where those lie beside the checkout. */
class CorpusTest {
  private static boolean ofTheBaseline(JsonNode leaf) {
    String since = leaf.get("since").asString();
    return since.startsWith("1.0;")
        || since.startsWith("1.5.01")
        || since.equals("1.5")
        || since.equals("1.5 (<=1.5.06)")
        || since.equals("reserved");
  }

  private static Map<Integer, LeafText> rows(String table) {
    Map<Integer, LeafText> rows = new HashMap<>();
    for (LeafText leaf : table.startsWith("seam") ? LeafText.HOST : LeafText.GUEST) {
      rows.put(leaf.row().number(), leaf);
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({"seamcall_leaves.json, 60", "tdcall_leaves.json, 18"})
  void everyLeafOfTheBaselineHasARow(String table, int atLeast) {
    Map<Integer, LeafText> rows = rows(table);
    int compared = 0;
    for (JsonNode leaf : Corpus.facts(table).get("leaves")) {
      if (ofTheBaseline(leaf)) {
        LeafText row = rows.get(leaf.get("number").asInt());
        assertThat(row).as(leaf.get("name").asString()).isNotNull();
        assertThat(row.row().name()).isEqualTo(leaf.get("name").asString());
        compared++;
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(atLeast);
  }

  @ParameterizedTest
  @CsvSource({"seamcall_by_op_state", "seamcall_by_sept_state", "tdcall_by_sept_state"})
  void statesAreThoseOfTheFacts(String matrix) {
    JsonNode facts = Corpus.facts("state_tables.json").get(matrix);
    List<LeafText> leaves = new ArrayList<>(LeafText.HOST);
    leaves.addAll(LeafText.GUEST);
    for (LeafText leaf : leaves) {
      JsonNode states = facts.get(leaf.row().name());
      if (leaf.row().offered() && states != null) {
        Set<String> wanted = new TreeSet<>();
        states.forEach(s -> wanted.add(s.asString()));
        assertThat(accepted(matrix, leaf)).as(leaf.row().name()).isEqualTo(wanted);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"seamcall_leaves.json", "tdcall_leaves.json"})
  void statusesThatScenariosMustReachAreThoseOfTheFacts(String table) throws IOException {
    Map<String, Set<String>> listed = LeafStatuses.documented();
    Map<Integer, LeafText> rows = rows(table);
    for (JsonNode leaf : Corpus.facts(table).get("leaves")) {
      LeafText row = rows.get(leaf.get("number").asInt());
      JsonNode codes = leaf.get("status_codes_direct");
      if (row != null && row.row().offered() && codes != null) {
        Set<String> wanted = new TreeSet<>();
        codes.forEach(c -> wanted.add(c.asString().replaceFirst("TDX_", "")));
        assertThat(listed.getOrDefault(row.row().name(), Set.of()))
            .as(row.row().name())
            .isEqualTo(wanted);
      }
    }
  }

  private static Set<String> accepted(String matrix, LeafText leaf) {
    Set<String> names = new TreeSet<>();
    if (matrix.endsWith("op_state")) {
      for (OpState s : OpState.values()) {
        if ((leaf.row().opStates() & s.bit()) != 0) {
          names.add(s.name());
        }
      }
    } else {
      for (SeptState s : SeptState.values()) {
        if ((leaf.row().septStates() & s.bit()) != 0) {
          names.add(s.name());
        }
      }
    }
    return names;
  }
}
