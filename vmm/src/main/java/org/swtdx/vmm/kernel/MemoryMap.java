package org.swtdx.vmm.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Guest physical memory as PC firmware describes it (ACPI address range types).
 *
 * @param entries the ranges, ascending
 * @param usableEnd end of the RAM from 1 MiB that a kernel may use
 * @param rsdp address of the ACPI root pointer
 */
public record MemoryMap(List<Entry> entries, long usableEnd, long rsdp) {
  /** Address range types. */
  static final int RAM = 1, RESERVED = 2, ACPI = 3;

  private static final long MIB = 1 << 20;
  private static final long FOUR_GIB = 1L << 32;
  private static final long EBDA = 0x9fc00;

  /** Copies the list. */
  public MemoryMap {
    entries = List.copyOf(entries);
  }

  /**
   * One range.
   *
   * @param start first address
   * @param length bytes
   * @param type its type
   */
  public record Entry(long start, long length, int type) {}

  /**
   * The map of a machine without firmware.
   *
   * @param lowBytes RAM from address 0
   * @param highBytes RAM from 4 GiB
   * @param tables first address of the ACPI tables at the end of the low RAM
   * @param rsdp address of the root pointer
   * @param ecam first address of PCI's memory-mapped configuration space
   * @param ecamBytes its bytes
   */
  public static MemoryMap of(
      long lowBytes, long highBytes, long tables, long rsdp, long ecam, long ecamBytes) {
    List<Entry> entries = new ArrayList<>();
    entries.add(new Entry(0, EBDA, RAM));
    entries.add(new Entry(EBDA, 0xa0000 - EBDA, RESERVED));
    entries.add(new Entry(0xf0000, 0x10000, RESERVED));
    entries.add(new Entry(MIB, tables - MIB, RAM));
    entries.add(new Entry(tables, lowBytes - tables, ACPI));
    entries.add(new Entry(ecam, ecamBytes, RESERVED));
    entries.add(new Entry(0xfffc0000L, 0x40000, RESERVED));
    if (highBytes > 0) {
      entries.add(new Entry(FOUR_GIB, highBytes, RAM));
    }
    return new MemoryMap(entries, tables, rsdp);
  }

  /** Entries of 20 bytes, each after {@code prefix} bytes that hold 20 as its size. */
  byte[] encode(int prefix, int suffix) {
    ByteBuffer bytes =
        ByteBuffer.allocate((prefix + 20 + suffix) * entries.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (Entry entry : entries) {
      if (prefix == 4) {
        bytes.putInt(20);
      }
      bytes.putLong(entry.start).putLong(entry.length).putInt(entry.type);
      bytes.position(bytes.position() + suffix);
    }
    return bytes.array();
  }
}
