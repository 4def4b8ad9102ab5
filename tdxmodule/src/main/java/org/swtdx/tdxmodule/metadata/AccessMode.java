package org.swtdx.tdxmodule.metadata;

/** Who accesses a field; each has masks of its own. */
public enum AccessMode {
  /** The host, of a TD without ATTRIBUTES.DEBUG or of the platform. */
  HOST,
  /** The host, of a TD with ATTRIBUTES.DEBUG. */
  HOST_DEBUG,
  /** The TD itself. */
  GUEST
}
