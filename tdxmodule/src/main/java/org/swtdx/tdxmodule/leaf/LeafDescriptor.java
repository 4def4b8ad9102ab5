package org.swtdx.tdxmodule.leaf;

import org.swtdx.tdxmodule.table.LeafRow;

/**
 * A leaf that this module has.
 *
 * @param row what the table says of it
 * @param leaf the function
 */
public record LeafDescriptor(LeafRow row, HostLeaf leaf) {}
