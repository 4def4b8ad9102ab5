package org.swtdx.vmm.bus;

/** A device on I/O ports. Offsets count from the first port it claimed. */
public interface PortDevice {
  /**
   * Reads one byte.
   *
   * @param offset the port's offset
   * @return 0 to 255
   */
  int readByte(int offset);

  /**
   * Writes one byte.
   *
   * @param offset the port's offset
   * @param value 0 to 255
   */
  void writeByte(int offset, int value);

  /**
   * Reads 1, 2 or 4 bytes; bytes in ascending order unless the device has wider registers.
   *
   * @param offset the first port's offset
   * @param size bytes
   */
  default int read(int offset, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= (readByte(offset + i) & 0xff) << 8 * i;
    }
    return value;
  }

  /**
   * Writes 1, 2 or 4 bytes; bytes in ascending order unless the device has wider registers.
   *
   * @param offset the first port's offset
   * @param size bytes
   * @param value the low {@code size} bytes count
   */
  default void write(int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      writeByte(offset + i, value >>> 8 * i & 0xff);
    }
  }
}
