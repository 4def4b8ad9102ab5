package org.swtdx.tdxmodule.leaf;

import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.table.LeafRow;

/** A host leaf that this module has: its row, and its object from the first call on. */
public final class LeafDescriptor {
  private final LeafRow row;
  private final TdxPlatform platform;
  private volatile @Nullable HostLeaf leaf;

  LeafDescriptor(LeafRow row, TdxPlatform platform) {
    this.row = row;
    this.platform = platform;
  }

  /** What the table says of it. */
  public LeafRow row() {
    return row;
  }

  /** The function; stateless, so that it does not matter who creates it. */
  public HostLeaf leaf() {
    HostLeaf created = leaf;
    if (created == null) {
      created = row.create(HostLeaf.class, platform);
      leaf = created;
    }
    return created;
  }

  /** Leaf number, RAX bits 15:0. */
  public int number() {
    return row.number();
  }

  /** Name in the ABI specification. */
  public String name() {
    return row.name();
  }

  /** Bitmap of the TD operation states it is allowed in. */
  public int opStates() {
    return row.opStates();
  }

  /** Bitmap of the Secure EPT entry states it accepts. */
  public int septStates() {
    return row.septStates();
  }
}
