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

/** The documented states in which leaves work, from {@code state-matrix.txt}. */
final class StateMatrix {
  private StateMatrix() {}

  /** State names by leaf; {@code kind} is "op" or "sept". */
  static Map<String, Set<String>> of(String kind) {
    Map<String, Set<String>> rows = new TreeMap<>();
    try (InputStream in = StateMatrix.class.getResourceAsStream("state-matrix.txt")) {
      byte[] text = Objects.requireNonNull(in, "state-matrix.txt").readAllBytes();
      new String(text, StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> line.startsWith(kind + " "))
          .map(line -> List.of(line.split(" ")))
          .forEach(words -> rows.put(words.get(1), Set.copyOf(words.subList(2, words.size()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}
