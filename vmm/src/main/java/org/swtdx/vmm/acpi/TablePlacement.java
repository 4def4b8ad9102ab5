package org.swtdx.vmm.acpi;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * The tables where PC firmware would have put them, for a machine that starts without: it carries
 * out the same script that firmware gets.
 */
public final class TablePlacement {
  /** Address of the root pointer. */
  public static final long RSDP_AT = 0xf6000;

  private static final int PAGE = 4096;
  private static final int ENTRY_BYTES = 128;
  private static final int NAME_BYTES = 56;

  private final long tablesAt;
  private final byte[] tables;
  private final byte[] rsdp;

  private TablePlacement(long tablesAt, byte[] tables, byte[] rsdp) {
    this.tablesAt = tablesAt;
    this.tables = tables;
    this.rsdp = rsdp;
  }

  /** Address of the tables, at the end of RAM. */
  public long tablesAt() {
    return tablesAt;
  }

  /** The tables with their pointers and checksums. */
  public byte[] tables() {
    return tables.clone();
  }

  /** The root pointer, for {@link #RSDP_AT}. */
  public byte[] rsdp() {
    return rsdp.clone();
  }

  /**
   * Places tables.
   *
   * @param acpi the tables and their script
   * @param ramEnd end of RAM below 4 GiB
   */
  public static TablePlacement of(AcpiTables acpi, long ramEnd) {
    byte[] tables = acpi.tables();
    byte[] rsdp = acpi.rsdp();
    long at = ramEnd - tables.length & -PAGE;
    Map<String, byte[]> files = Map.of(AcpiTables.TABLES_FILE, tables, AcpiTables.RSDP_FILE, rsdp);
    Map<String, Long> places = Map.of(AcpiTables.TABLES_FILE, at, AcpiTables.RSDP_FILE, RSDP_AT);
    ByteBuffer script = ByteBuffer.wrap(acpi.script()).order(ByteOrder.LITTLE_ENDIAN);
    for (int entry = 0; entry + ENTRY_BYTES <= script.capacity(); entry += ENTRY_BYTES) {
      byte[] file = files.get(name(script, entry + 4));
      int next = entry + 4 + NAME_BYTES;
      if (file == null) {
        throw new IllegalStateException("the script names an unknown file");
      }
      if (script.getInt(entry) == TableLoader.ADD_POINTER) {
        Long target = places.get(name(script, next));
        if (target == null) {
          throw new IllegalStateException("the script points to an unknown file");
        }
        addPointer(
            file, script.getInt(next + NAME_BYTES), script.get(next + NAME_BYTES + 4), target);
      } else if (script.getInt(entry) == TableLoader.ADD_CHECKSUM) {
        addChecksum(file, script.getInt(next), script.getInt(next + 4), script.getInt(next + 8));
      }
    }
    return new TablePlacement(at, tables, rsdp);
  }

  private static String name(ByteBuffer script, int at) {
    byte[] bytes = new byte[NAME_BYTES];
    script.get(at, bytes);
    return new String(bytes, US_ASCII).trim();
  }

  private static void addPointer(byte[] file, int offset, int size, long target) {
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (size == 8) {
      b.putLong(offset, b.getLong(offset) + target);
    } else {
      b.putInt(offset, b.getInt(offset) + (int) target);
    }
  }

  private static void addChecksum(byte[] file, int result, int start, int length) {
    int sum = 0;
    file[result] = 0;
    for (int i = start; i < start + length; i++) {
      sum += file[i];
    }
    file[result] = (byte) -sum;
  }
}
