package org.swtdx.vmm.acpi;

/**
 * Where PCI is in guest physical memory: ECAM, and memory-mapped registers in the gaps between RAM
 * and the I/O APIC that it leaves.
 *
 * @param ramEnd end of RAM below 4 GiB
 * @param ecam first address of ECAM
 * @param ecamBytes bytes of ECAM
 */
public record PciWindows(long ramEnd, long ecam, long ecamBytes) {
  /** First address after the gaps. */
  static final long LIMIT = 0xfec00000L;

  /** Where firmware for Q35 places ECAM. */
  public static final long DEFAULT_ECAM = 0xb0000000L;

  private static final long DEFAULT_BYTES = 1 << 28;

  /** The windows before firmware has placed ECAM. */
  public static PciWindows initial(long ramEnd) {
    return new PciWindows(ramEnd, DEFAULT_ECAM, DEFAULT_BYTES);
  }
}
