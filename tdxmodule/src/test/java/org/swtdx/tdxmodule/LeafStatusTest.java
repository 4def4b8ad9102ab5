package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.seamcall.TdxStatus;

/**
 * Each leaf gives each status that it itself returns, where a way to provoke it is known; {@link
 * LeafStatuses} lists them, {@code target/leaf-status-coverage.txt} what leaves answered.
 */
class LeafStatusTest {
  private static final List<StatusCase> CASES = allCases();

  /** What the leaf of each case answered; a case runs once. */
  private static final Map<StatusCase, TdxStatus> ANSWERS = new ConcurrentHashMap<>();

  private static List<StatusCase> allCases() {
    List<StatusCase> cases = new ArrayList<>();
    cases.addAll(SystemStatusCases.all());
    cases.addAll(TdStatusCases.all());
    cases.addAll(VcpuStatusCases.all());
    cases.addAll(MemoryStatusCases.all());
    cases.addAll(GuestStatusCases.all());
    return List.copyOf(cases);
  }

  static Stream<StatusCase> cases() {
    return CASES.stream();
  }

  private static TdxStatus answer(StatusCase c) {
    return ANSWERS.computeIfAbsent(
        c,
        _ -> {
          try (Host host = c.host().get()) {
            return TdxStatus.of(c.scenario().run(host));
          }
        });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void aLeafAnswers(StatusCase wanted) {
    TdxStatus status = answer(wanted);
    assertThat(status.code()).as("%s", status).isEqualTo(wanted.code());
    if (wanted.details() != StatusCase.ANY_DETAILS) {
      assertThat(status.details()).as("%s", status).isEqualTo(wanted.details());
    }
  }

  @Test
  void nineTenthsOfTheStatusesAreReached() throws IOException {
    Map<String, Set<String>> wanted = LeafStatuses.wanted();
    Map<String, Set<String>> reached = new TreeMap<>();
    for (StatusCase c : CASES) {
      reached.computeIfAbsent(c.leaf(), _ -> new TreeSet<>()).add(answer(c).code().name());
    }

    List<String> report = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    int count = 0;
    for (Map.Entry<String, Set<String>> row : wanted.entrySet()) {
      Set<String> met = reached.getOrDefault(row.getKey(), Set.of());
      for (String code : row.getValue()) {
        boolean ok = met.contains(code);
        count += ok ? 1 : 0;
        report.add("%-24s %-36s %s".formatted(row.getKey(), code, ok ? "reached" : "not reached"));
        if (!ok) {
          missing.add(row.getKey() + " " + code);
        }
      }
    }
    report.add("%d of %d reached".formatted(count, report.size()));
    Path folder = Files.createDirectories(Path.of("target"));
    Files.write(folder.resolve("leaf-status-coverage.txt"), report);

    assertThat(count * 10)
        .as("not reached: %s", missing)
        .isGreaterThanOrEqualTo(9 * (report.size() - 1));
    assertThat(wanted.keySet()).as("leaves with cases").containsAll(reached.keySet());
  }
}
