package org.swtdx.vmm.bus;

/** A device with memory-mapped registers. Offsets count from the start of its range. */
public interface MmioDevice {
  /**
   * Reads 1, 2, 4 or 8 bytes.
   *
   * @param offset where
   * @param size bytes
   */
  long read(long offset, int size);

  /**
   * Writes 1, 2, 4 or 8 bytes.
   *
   * @param offset where
   * @param size bytes
   * @param value the low {@code size} bytes count
   */
  void write(long offset, int size, long value);
}
