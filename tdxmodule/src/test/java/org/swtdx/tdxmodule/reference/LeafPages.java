package org.swtdx.tdxmodule.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.swtdx.tdxmodule.reference.LeafText.Check;
import org.swtdx.tdxmodule.reference.LeafText.Item;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.td.OpState;

/** The reference pages of the leaves, one for each, and their index. */
final class LeafPages {
  private LeafPages() {}

  /** Pages by file name. */
  static Map<String, String> all() {
    Map<String, String> pages = new TreeMap<>();
    pages.put("index.rst", index());
    for (List<LeafText> leaves : List.of(LeafText.HOST, LeafText.GUEST)) {
      for (LeafText leaf : leaves) {
        if (leaf.row().offered()) {
          pages.put(file(leaf) + ".rst", page(leaf));
        }
      }
    }
    return pages;
  }

  private static String file(LeafText leaf) {
    return leaf.row().name().toLowerCase(Locale.ROOT).replace('.', '-');
  }

  private static String index() {
    Rst page =
        new Rst()
            .title("Leaves")
            .paragraph(
                "Every leaf of the module: operands, checks in their order with the status of each,"
                    + " and states. The pages are made from the tables that the module itself"
                    + " dispatches by.")
            .table("18 82", groups());
    toctree(page, "Host leaves", LeafText.HOST);
    toctree(page, "Guest leaves", LeafText.GUEST);
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("leaf", "number", "feature"));
    for (List<LeafText> leaves : List.of(LeafText.HOST, LeafText.GUEST)) {
      for (LeafText leaf : leaves) {
        if (!leaf.row().offered()) {
          rows.add(
              List.of(
                  leaf.row().name(),
                  String.valueOf(leaf.row().number()),
                  leaf.row().feature().replace('_', ' ').toLowerCase(Locale.ROOT)));
        }
      }
    }
    return page.section("Not offered")
        .paragraph(
            "These leaves answer OPERAND_INVALID with operand RAX, as unknown numbers do:"
                + " TDX_FEATURES0 does not enumerate their feature.")
        .table("50 15 35", rows)
        .toString();
  }

  /** The leaves at a glance: those whose names begin alike in one row. */
  private static List<List<String>> groups() {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    for (List<LeafText> leaves : List.of(LeafText.HOST, LeafText.GUEST)) {
      for (LeafText leaf : leaves) {
        if (leaf.row().offered()) {
          String[] parts = leaf.row().name().split("\\.", 3);
          groups
              .computeIfAbsent(parts[0] + "." + parts[1], _ -> new ArrayList<>())
              .add(parts[2] + (leaf.row().maxVersion() == 0 ? "" : " (v0, v1)"));
        }
      }
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("group", "leaves"));
    groups.forEach((group, leaves) -> rows.add(List.of(group, String.join(", ", leaves))));
    return rows;
  }

  private static void toctree(Rst page, String title, List<LeafText> leaves) {
    StringBuilder entries = new StringBuilder(".. toctree::\n   :maxdepth: 1\n");
    leaves.stream()
        .filter(leaf -> leaf.row().offered())
        .forEach(leaf -> entries.append("\n   ").append(file(leaf)));
    page.section(title).raw(entries.toString());
  }

  private static String page(LeafText leaf) {
    boolean host = leaf.row().name().startsWith("TDH");
    Rst page = new Rst().title(leaf.row().name()).paragraph(leaf.purpose());
    String versions = leaf.row().maxVersion() == 0 ? "version 0" : "versions 0 and 1";
    String when =
        leaf.row().early() ? "answers before the module is ready" : "needs a module that is ready";
    page.paragraph(
        (host ? "Host leaf " : "Guest leaf ")
            + leaf.row().number()
            + ", "
            + versions
            + (host ? "; " + when : "")
            + ". RAX holds the number in 15:0 and the version in 23:16; other bits are 0.");
    operands(page, "Operands in", leaf.inputs());
    operands(page, "Operands out", leaf.outputs());
    checks(page, leaf.checks());
    statuses(page, leaf);
    states(page, leaf);
    return page.toString();
  }

  private static void operands(Rst page, String title, List<Item> items) {
    if (items.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("register", "meaning"));
    items.forEach(i -> rows.add(List.of(i.name().replace(",", ", "), Rst.escape(i.text()))));
    page.section(title).table("15 85", rows);
  }

  private static void checks(Rst page, List<Check> checks) {
    if (checks.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("status", "details", "when"));
    for (Check c : checks) {
      rows.add(List.of(Rst.literal(c.status()), c.operand(), Rst.escape(c.text())));
    }
    page.section("Checks, in this order").table("38 12 50", rows);
  }

  private static void statuses(Rst page, LeafText leaf) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("status", "meaning"));
    rows.add(List.of(Rst.literal("SUCCESS"), "done"));
    leaf.others().forEach(i -> rows.add(List.of(Rst.literal(i.name()), Rst.escape(i.text()))));
    page.section("Other statuses").table("38 62", rows);
  }

  private static void states(Rst page, LeafText leaf) {
    String operation =
        allowed(leaf.opStates(), Arrays.stream(OpState.values()).map(OpState::name).toList());
    String entry =
        allowed(leaf.septStates(), Arrays.stream(SeptState.values()).map(SeptState::name).toList());
    if (!operation.isEmpty() || !entry.isEmpty()) {
      page.section("States");
      if (!operation.isEmpty()) {
        page.paragraph("Operation states of the TD: " + operation + ".");
      }
      if (!entry.isEmpty()) {
        page.paragraph("States of the Secure EPT entry: " + entry + ".");
      }
    }
  }

  private static String allowed(String columns, List<String> names) {
    List<String> allowed = new ArrayList<>();
    for (int i = 0; i < names.size() && i < columns.length(); i++) {
      if (columns.charAt(i) == 'x') {
        allowed.add(names.get(i));
      }
    }
    return allowed.size() == names.size() ? "all" : String.join(", ", allowed);
  }
}
