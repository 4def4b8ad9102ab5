package org.swtdx.tdxmodule;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.tdxmodule.reference.LeafText;

/**
 * The statuses that leaves themselves return, from {@code leaf-statuses.txt}: written down apart
 * from the module's own tables, for the leaves of its reference.
 */
public final class LeafStatuses {
  private LeafStatuses() {}

  /** Names of statuses by name of leaf. */
  public static Map<String, Set<String>> documented() throws IOException {
    Map<String, Set<String>> rows = new TreeMap<>();
    try (InputStream in = LeafStatuses.class.getResourceAsStream("leaf-statuses.txt")) {
      byte[] text = Objects.requireNonNull(in, "leaf-statuses.txt").readAllBytes();
      for (String line : new String(text, StandardCharsets.US_ASCII).lines().toList()) {
        if (!line.startsWith("#")) {
          String[] words = line.split(" +");
          Set<String> codes = new TreeSet<>(List.of(words).subList(1, words.length));
          codes.remove("-");
          codes.forEach(StatusCode::valueOf);
          rows.put(words[0], codes);
        }
      }
    }
    return rows;
  }

  /** What scenarios shall reach: a leaf that no reference names is held to its own row. */
  static Map<String, Set<String>> wanted() throws IOException {
    Map<String, Set<String>> wanted = documented();
    for (List<LeafText> leaves : List.of(LeafText.HOST, LeafText.GUEST)) {
      for (LeafText leaf : leaves) {
        if (leaf.row().offered()) {
          wanted.putIfAbsent(leaf.row().name(), leaf.ownStatuses());
        }
      }
    }
    return wanted;
  }
}
