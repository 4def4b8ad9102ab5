package org.swtdx.tdxmodule.metadata;

/** Who accesses a field; each has masks of its own. */
public enum AccessMode {
  /** The host, of a TD without ATTRIBUTES.DEBUG or of the platform. */
  HOST(0),
  /** The host, of a TD with ATTRIBUTES.DEBUG. */
  HOST_DEBUG(2),
  /** The TD itself. */
  GUEST(4);

  private final int column;

  AccessMode(int column) {
    this.column = column;
  }

  /** Position of the read mask in a table line; the write mask follows. */
  int column() {
    return column;
  }
}
