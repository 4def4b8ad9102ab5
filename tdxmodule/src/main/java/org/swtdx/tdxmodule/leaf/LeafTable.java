package org.swtdx.tdxmodule.leaf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.table.LeafRow;

/** The host leaves of this module, by number: the table {@code host-leaves.txt}. */
public final class LeafTable {
  /** Leaf numbers of this module are below this. */
  public static final int NUMBERS = 64;

  private static final List<LeafRow> ROWS = LeafRow.load(LeafTable.class, "host-leaves.txt");

  private final @Nullable LeafDescriptor[] byNumber = new LeafDescriptor[NUMBERS];

  /** Builds the table of a module whose platform-scope state is {@code platform}. */
  public LeafTable(TdxPlatform platform) {
    for (LeafRow row : ROWS) {
      if (row.offered()) {
        byNumber[row.number()] = new LeafDescriptor(row, platform);
      }
    }
  }

  /** All rows of the table, leaves that this module does not offer among them. */
  public static List<LeafRow> rows() {
    return ROWS;
  }

  /** The leaf with {@code number}, or null when this module has none. */
  public @Nullable LeafDescriptor get(int number) {
    return number < NUMBERS ? byNumber[number] : null;
  }

  /** All leaves, ascending. */
  public List<LeafDescriptor> all() {
    List<LeafDescriptor> all = new ArrayList<>();
    for (LeafDescriptor d : byNumber) {
      if (d != null) {
        all.add(d);
      }
    }
    return Collections.unmodifiableList(all);
  }
}
