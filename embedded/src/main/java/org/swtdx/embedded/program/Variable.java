package org.swtdx.embedded.program;

/** The program's variables, eight bytes each, by their distance from the first. */
enum Variable {
  /** Not zero once the page tables can be used. */
  TABLES_READY(0),
  /** Width of guest physical addresses: 48 or 52. */
  GPAW(8),
  /** The bit of a guest physical address that makes it shared. */
  SHARED_BIT(16),
  /** Attributes of the TD. */
  ATTRIBUTES(24),
  /** Number of vCPUs. */
  VCPUS(32),
  /** Bytes of memory that may still be accepted. */
  BUDGET(40),
  /** Bytes of memory that the HOB offers. */
  OFFERED(48),
  /** Pages of 2 MiB accepted. */
  LARGE_PAGES(56),
  /** Pages of 4 KiB accepted. */
  SMALL_PAGES(64),
  /** Guest physical address of the shared buffer, without the SHARED bit. */
  SHARED_BUFFER(72),
  /** Not zero when the VMM takes a vector for its notifications. */
  NOTIFIES(80),
  /** Not zero once it has notified. */
  NOTIFIED(88);

  private final int displacement;

  Variable(int displacement) {
    this.displacement = displacement;
  }

  int displacement() {
    return displacement;
  }

  int address() {
    return AddressMap.VARIABLES + displacement;
  }
}
