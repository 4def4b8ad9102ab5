package org.swtdx.tdxmodule.reference;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.swtdx.tdxmodule.guest.TdCallDispatcher;
import org.swtdx.tdxmodule.leaf.LeafTable;
import org.swtdx.tdxmodule.table.LeafRow;
import org.swtdx.tdxmodule.table.TableText;

/**
 * What a leaf table tells readers of one leaf.
 *
 * @param row the row itself
 * @param opStates its column of operation states as written, {@code -} for none
 * @param septStates likewise of Secure EPT entry states
 * @param purpose what the leaf does
 * @param inputs register and meaning
 * @param outputs register and meaning
 * @param checks in order
 * @param others further statuses
 */
public record LeafText(
    LeafRow row,
    String opStates,
    String septStates,
    String purpose,
    List<Item> inputs,
    List<Item> outputs,
    List<Check> checks,
    List<Item> others) {
  /** The leaves of the host, those that are not offered among them. */
  public static final List<LeafText> HOST = load(LeafTable.class, "host-leaves.txt");

  /** Likewise of the guest. */
  public static final List<LeafText> GUEST = load(TdCallDispatcher.class, "guest-leaves.txt");

  /**
   * A name and what it stands for.
   *
   * @param name register or status
   * @param text meaning
   */
  public record Item(String name, String text) {
    private static Item parse(String line) {
      String[] words = line.split(" ", 2);
      return new Item(words[0], words[1]);
    }
  }

  /**
   * A check and what a leaf answers when it fails.
   *
   * @param status name of the code
   * @param operand what the details name, empty for nothing
   * @param text when
   * @param usual whether many leaves make this check in the same way
   */
  public record Check(String status, String operand, String text, boolean usual) {}

  /** The statuses that this leaf itself returns: success, and those of no usual check. */
  public Set<String> ownStatuses() {
    Set<String> names = new TreeSet<>(Set.of("SUCCESS"));
    others.forEach(o -> names.add(o.name()));
    checks.stream().filter(c -> !c.usual()).forEach(c -> names.add(c.status()));
    return names;
  }

  private static List<LeafText> load(Class<?> beside, String name) {
    List<LeafRow> rows = LeafRow.load(beside, name);
    List<LeafText> texts = new ArrayList<>();
    for (String line : TableText.all(beside, name).lines().toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.charAt(0) != ' ') {
        String[] words = line.split(" ", -1);
        boolean offered = words.length == 6;
        texts.add(
            new LeafText(
                rows.get(texts.size()),
                offered ? words[4] : "-",
                offered ? words[5] : "-",
                "",
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>()));
      } else {
        texts.set(texts.size() - 1, texts.getLast().with(line.strip()));
      }
    }
    return Collections.unmodifiableList(texts);
  }

  private LeafText with(String line) {
    String rest = line.substring(2);
    switch (line.charAt(0)) {
      case '=' -> {
        return new LeafText(row, opStates, septStates, rest, inputs, outputs, checks, others);
      }
      case '>' -> inputs.add(Item.parse(rest));
      case '<' -> outputs.add(Item.parse(rest));
      case '?' -> checks.addAll(UsualChecks.expand(rest));
      case '!' -> others.add(Item.parse(rest));
      default -> throw new IllegalArgumentException(row.name() + ": " + line);
    }
    return this;
  }

  @Override
  public String toString() {
    return row.name();
  }
}
