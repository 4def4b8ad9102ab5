package org.swtdx.attestation.eventlog;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;
import org.swtdx.attestation.eventlog.EventDetail.PartitionTable;
import org.swtdx.attestation.eventlog.EventDetail.PartitionTable.Partition;
import org.swtdx.attestation.text.Printable;

/** UEFI_GPT_DATA: the header of a GUID partition table, a count, and the entries in use. */
final class PartitionDecoder {
  private static final int HEADER_BYTES = 92;
  private static final int DISK_GUID_AT = 56;
  private static final int ENTRY_BYTES = 128;
  private static final int NAME_UNITS = 36;
  private static final int MOST_PARTITIONS = 1024;

  private PartitionDecoder() {}

  static EventDetail decode(byte[] data) throws ShortDataException {
    Cursor cursor = new Cursor(data);
    cursor.skip(DISK_GUID_AT, "a partition table's header");
    UUID disk = cursor.guid("a disk's GUID");
    cursor.skip(HEADER_BYTES - DISK_GUID_AT - 16, "a partition table's header");
    long count = cursor.u64("the number of partitions");
    if (count < 0 || count > MOST_PARTITIONS || count * ENTRY_BYTES > cursor.remaining()) {
      throw new ShortDataException(Long.toUnsignedString(count) + " partitions");
    }
    List<Partition> partitions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      UUID type = cursor.guid("a partition's type");
      UUID guid = cursor.guid("a partition's GUID");
      long first = cursor.u64("a partition's first block");
      long last = cursor.u64("a partition's last block");
      cursor.skip(8, "a partition's attributes");
      String name = cursor.utf16(NAME_UNITS, "a partition's name");
      int nul = name.indexOf(0);
      partitions.add(
          new Partition(
              type, guid, first, last, Printable.clean(nul < 0 ? name : name.substring(0, nul))));
    }
    return new PartitionTable(disk, partitions);
  }
}
