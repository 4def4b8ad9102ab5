package org.swtdx.vmm.pci;

/** The configuration space of one PCI function. */
public interface PciFunction {
  /**
   * Reads configuration space.
   *
   * @param offset 0 to 4095
   * @param size 1, 2 or 4 bytes, not crossing a doubleword
   */
  int read(int offset, int size);

  /**
   * Writes configuration space.
   *
   * @param offset 0 to 4095
   * @param size 1, 2 or 4 bytes, not crossing a doubleword
   * @param value the low {@code size} bytes count
   */
  void write(int offset, int size, int value);
}
