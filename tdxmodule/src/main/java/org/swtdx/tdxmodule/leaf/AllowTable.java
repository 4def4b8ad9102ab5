package org.swtdx.tdxmodule.leaf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A matrix of leaves and states: each line is a leaf name and one character per state, {@code x}
 * for allowed. A leaf without a line is allowed in no state.
 */
public final class AllowTable {
  private final Map<String, Integer> rows = new HashMap<>();

  private AllowTable() {}

  /** Reads the matrix in the resource {@code name} beside this class. */
  public static AllowTable load(String name) {
    AllowTable table = new AllowTable();
    try (InputStream in = AllowTable.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing");
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && line.charAt(0) != '#') {
          table.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return table;
  }

  /** The bitmap of the states that {@code leaf} is allowed in. */
  public int states(String leaf) {
    return rows.getOrDefault(leaf, 0);
  }

  private void add(String line) {
    int space = line.indexOf(' ');
    String row = line.substring(space).strip();
    int bits = 0;
    for (int i = 0; i < row.length(); i++) {
      bits |= row.charAt(i) == 'x' ? 1 << i : 0;
    }
    rows.put(line.substring(0, space), bits);
  }
}
