package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.table.LeafRow;

/**
 * A leaf that this module has.
 *
 * @param row what the table says of it
 * @param leaf the function
 */
public record LeafDescriptor(LeafRow row, HostLeaf leaf) {
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
