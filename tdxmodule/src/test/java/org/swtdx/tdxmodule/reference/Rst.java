package org.swtdx.tdxmodule.reference;

import java.util.List;

/** Builds a page in reStructuredText. */
final class Rst {
  private final StringBuilder out = new StringBuilder();

  Rst title(String text) {
    return heading(text, '=');
  }

  Rst section(String text) {
    out.append('\n');
    return heading(text, '-');
  }

  private Rst heading(String text, char line) {
    out.append(text).append('\n').append(String.valueOf(line).repeat(text.length())).append('\n');
    return this;
  }

  Rst paragraph(String text) {
    out.append('\n').append(wrap(escape(text), "")).append('\n');
    return this;
  }

  Rst raw(String text) {
    out.append('\n').append(text).append('\n');
    return this;
  }

  /** A table of which the first row is the header; column widths are in percent. */
  Rst table(String widths, List<List<String>> rows) {
    out.append("\n.. list-table::\n   :header-rows: 1\n   :widths: ").append(widths).append("\n\n");
    for (List<String> row : rows) {
      String mark = "   * - ";
      for (String cell : row) {
        out.append((mark + wrap(cell, "       ")).stripTrailing()).append('\n');
        mark = "     - ";
      }
    }
    return this;
  }

  /** Text in which nothing is markup. */
  static String escape(String text) {
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("_", "\\_").replace("|", "\\|");
  }

  static String literal(String text) {
    return text.isEmpty() ? "" : "``" + text + "``";
  }

  private static String wrap(String text, String indent) {
    StringBuilder wrapped = new StringBuilder();
    int column = indent.length();
    for (String word : text.split(" ", -1)) {
      if (column + word.length() > 98 && column > indent.length()) {
        wrapped.append('\n').append(indent);
        column = indent.length();
      } else if (!wrapped.isEmpty()) {
        wrapped.append(' ');
        column++;
      }
      wrapped.append(word);
      column += word.length();
    }
    return wrapped.toString();
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
