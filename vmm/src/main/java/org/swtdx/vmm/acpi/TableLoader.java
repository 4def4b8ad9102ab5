package org.swtdx.vmm.acpi;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The script in {@code etc/table-loader}: 128-byte commands that make firmware allocate files, add
 * their addresses to pointers, and compute checksums.
 */
final class TableLoader {
  private static final int ENTRY_BYTES = 128;
  private static final int NAME_BYTES = 56;
  private static final int ALLOCATE = 1;
  static final int ADD_POINTER = 2;
  static final int ADD_CHECKSUM = 3;
  private static final byte ZONE_HIGH = 1;
  private static final byte ZONE_F_SEGMENT = 2;

  private final List<byte[]> entries = new ArrayList<>();

  void allocate(String file, int alignment, boolean lowMemory) {
    ByteBuffer e = entry(ALLOCATE);
    name(e, 4, file);
    e.putInt(4 + NAME_BYTES, alignment);
    e.put(8 + NAME_BYTES, lowMemory ? ZONE_F_SEGMENT : ZONE_HIGH);
  }

  void addPointer(String file, int offset, int size, String pointee) {
    ByteBuffer e = entry(ADD_POINTER);
    name(e, 4, file);
    name(e, 4 + NAME_BYTES, pointee);
    e.putInt(4 + 2 * NAME_BYTES, offset);
    e.put(8 + 2 * NAME_BYTES, (byte) size);
  }

  void addChecksum(String file, int result, int start, int length) {
    ByteBuffer e = entry(ADD_CHECKSUM);
    name(e, 4, file);
    e.putInt(4 + NAME_BYTES, result);
    e.putInt(8 + NAME_BYTES, start);
    e.putInt(12 + NAME_BYTES, length);
  }

  byte[] script() {
    return Aml.concat(entries.toArray(byte[][]::new));
  }

  private ByteBuffer entry(int command) {
    byte[] bytes = new byte[ENTRY_BYTES];
    entries.add(bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0, command);
  }

  private static void name(ByteBuffer entry, int at, String name) {
    entry.put(at, name.getBytes(US_ASCII));
  }
}
