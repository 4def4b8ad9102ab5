package org.swtdx.vmm.acpi;

/**
 * Where PCI is in guest physical memory.
 *
 * @param ecam first address of ECAM
 * @param ecamBytes bytes of ECAM
 * @param memoryFirst first address for memory-mapped PCI registers
 * @param memoryLast last address for them
 */
public record PciWindows(long ecam, long ecamBytes, long memoryFirst, long memoryLast) {
  private static final long DEFAULT_ECAM = 0xb0000000L;
  private static final long DEFAULT_BYTES = 1 << 28;
  private static final long HIGHEST = 0xfebfffffL;

  /**
   * Places the memory window beside ECAM, in the larger gap between RAM and the I/O APIC.
   *
   * @param ramEnd end of RAM below 4 GiB
   * @param ecam first address of ECAM
   * @param ecamBytes bytes of ECAM
   */
  public static PciWindows around(long ramEnd, long ecam, long ecamBytes) {
    long below = ecam - ramEnd;
    long above = HIGHEST + 1 - (ecam + ecamBytes);
    return above >= below
        ? new PciWindows(ecam, ecamBytes, ecam + ecamBytes, HIGHEST)
        : new PciWindows(ecam, ecamBytes, ramEnd, ecam - 1);
  }

  /** The windows before firmware has placed ECAM. */
  public static PciWindows initial(long ramEnd) {
    return around(ramEnd, DEFAULT_ECAM, DEFAULT_BYTES);
  }
}
