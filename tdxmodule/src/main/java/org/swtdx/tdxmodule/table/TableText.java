package org.swtdx.tdxmodule.table;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the tables that lie beside classes of this module. */
public final class TableText {
  private TableText() {}

  /**
   * Returns the lines of a table that are neither empty nor comments nor indented: its rows.
   *
   * @param beside a class in the package where the table is
   * @param name the table's name
   */
  public static List<String> rows(Class<?> beside, String name) {
    String text = all(beside, name);
    List<String> rows = new ArrayList<>();
    int start = 0;
    while (start < text.length()) { // at every start of the program: most lines are skipped here
      int end = text.indexOf('\n', start);
      end = end < 0 ? text.length() : end;
      if (end > start && text.charAt(start) != '#' && text.charAt(start) != ' ') {
        rows.add(text.substring(start, end));
      }
      start = end + 1;
    }
    return rows;
  }

  /** Returns the whole text of a table. */
  public static String all(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the table " + name + " is missing from the module");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
