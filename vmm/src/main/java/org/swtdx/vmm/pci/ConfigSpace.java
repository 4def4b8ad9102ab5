package org.swtdx.vmm.pci;

/** Bytes of a configuration space with a mask of the bits that software may write. */
final class ConfigSpace {
  /** Size of an extended configuration space in bytes. */
  static final int BYTES = 4096;

  /** Offset of the command register. */
  static final int COMMAND = 4;

  /** Command bits that any function here accepts: I/O, memory, bus master, SERR, INTx off. */
  static final int COMMAND_WRITABLE = 0x0507;

  private final byte[] bytes = new byte[BYTES];
  private final byte[] writable = new byte[BYTES];

  /** Creates the space of a function with a plain header. */
  ConfigSpace(int vendor, int device, int classCode, int revision) {
    set(0, 2, vendor, 0);
    set(2, 2, device, 0);
    set(COMMAND, 2, 0, COMMAND_WRITABLE);
    set(8, 1, revision, 0);
    set(9, 2, classCode, 0);
    set(11, 1, classCode >>> 16, 0);
    set(0x0c, 1, 0, 0xff); // cache line size
    set(0x3c, 1, 0, 0xff); // interrupt line
  }

  /** Sets a register's value and which of its bits software may write. */
  ConfigSpace set(int offset, int size, int value, int mask) {
    for (int i = 0; i < size; i++) {
      bytes[offset + i] = (byte) (value >>> 8 * i);
      writable[offset + i] = (byte) (mask >>> 8 * i);
    }
    return this;
  }

  int read(int offset, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= (bytes[offset + i] & 0xff) << 8 * i;
    }
    return value;
  }

  void write(int offset, int size, int value) {
    for (int i = 0; i < size; i++) {
      int mask = writable[offset + i];
      bytes[offset + i] = (byte) (bytes[offset + i] & ~mask | value >>> 8 * i & mask);
    }
  }
}
