package org.swtdx.tdxmodule.leaf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.status.Status;

/** The host leaves of this module, by number. */
public final class LeafTable {
  /** Leaf numbers of this module are below this. */
  public static final int NUMBERS = 64;

  private final @Nullable LeafDescriptor[] byNumber = new LeafDescriptor[NUMBERS];
  private final AllowTable opStates = AllowTable.load("op-states.txt");
  private final AllowTable septStates = AllowTable.load("sept-states.txt");

  /** Builds the table. */
  public LeafTable() {
    add(44, "TDH.SYS.LP.SHUTDOWN", 0, true, _ -> Status.SUCCESS);
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

  private void add(int number, String name, int maxVersion, boolean beforeReady, HostLeaf leaf) {
    byNumber[number] =
        new LeafDescriptor(
            number,
            name,
            maxVersion,
            beforeReady,
            opStates.states(name),
            septStates.states(name),
            leaf);
  }
}
