package org.swtdx.tdxmodule;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The documented states in which leaves work, from {@code state-matrix.txt}: written down apart
 * from the module's own tables, for the leaves of its reference.
 */
final class StateMatrix {
  private StateMatrix() {}

  /** State names by leaf that looks at states; {@code kind} is "op" or "sept". */
  static Map<String, Set<String>> of(String kind) {
    Map<String, Set<String>> rows = all(kind);
    rows.values().removeIf(Set::isEmpty);
    return rows;
  }

  /** As {@link #of}, with no states for leaves of the reference that look at none. */
  static Map<String, Set<String>> all(String kind) {
    Map<String, Set<String>> rows = new TreeMap<>();
    try (InputStream in = StateMatrix.class.getResourceAsStream("state-matrix.txt")) {
      byte[] text = Objects.requireNonNull(in, "state-matrix.txt").readAllBytes();
      new String(text, StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> line.startsWith(kind + " "))
          .map(line -> List.of(line.split(" ")))
          .forEach(words -> rows.put(words.get(1), states(words.subList(2, words.size()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static Set<String> states(List<String> words) {
    return words.equals(List.of("-")) ? Set.of() : Set.copyOf(words);
  }
}
