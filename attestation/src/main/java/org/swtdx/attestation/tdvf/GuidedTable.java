package org.swtdx.attestation.tdvf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.swtdx.attestation.tdvf.TdvfException.Problem;

/**
 * OVMF's table of GUIDed entries below the reset vector. It grows downwards from a footer that ends
 * 32 bytes before the end of the image; each entry is data, u16 length of the whole entry, GUID.
 */
final class GuidedTable {
  /** Distance of the footer's end from the image's end. */
  static final int FOOTER_DISTANCE = 0x20;

  private static final UUID FOOTER = UUID.fromString("96b582de-1fb2-45f7-baea-a366c55a082d");
  private static final int GUID_BYTES = 16;
  private static final int ENTRY_HEADER = GUID_BYTES + 2;
  private static final String REMEDY = "rebuild the firmware or get an intact copy";

  private GuidedTable() {}

  /** Returns each entry's data by GUID; empty if the image has no such table. */
  static Map<UUID, byte[]> read(byte[] image) throws TdvfException {
    Map<UUID, byte[]> entries = new LinkedHashMap<>();
    int footerEnd = image.length - FOOTER_DISTANCE;
    if (footerEnd < ENTRY_HEADER || !guidAt(image, footerEnd - GUID_BYTES).equals(FOOTER)) {
      return entries;
    }
    int total = u16(image, footerEnd - ENTRY_HEADER);
    int start = footerEnd - total;
    if (total < ENTRY_HEADER || start < 0) {
      throw broken("GUIDed table length " + total + " does not fit the image");
    }
    int end = footerEnd - ENTRY_HEADER;
    while (end > start) {
      if (end - start < ENTRY_HEADER) {
        throw broken("GUIDed table has " + (end - start) + " stray bytes at its start");
      }
      UUID guid = guidAt(image, end - GUID_BYTES);
      int length = u16(image, end - ENTRY_HEADER);
      if (length < ENTRY_HEADER || length > end - start) {
        throw broken("GUIDed table entry " + guid + " has length " + length);
      }
      entries.putIfAbsent(guid, Arrays.copyOfRange(image, end - length, end - ENTRY_HEADER));
      end -= length;
    }
    return entries;
  }

  private static TdvfException broken(String reason) {
    return new TdvfException(Problem.BROKEN_METADATA, reason, REMEDY);
  }

  private static int u16(byte[] image, int offset) {
    return Short.toUnsignedInt(
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).getShort(offset));
  }

  /** Reads a GUID in the mixed-endian form of UEFI. */
  private static UUID guidAt(byte[] image, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    long high =
        Integer.toUnsignedLong(buffer.getInt(offset)) << 32
            | Short.toUnsignedLong(buffer.getShort(offset + 4)) << 16
            | Short.toUnsignedLong(buffer.getShort(offset + 6));
    return new UUID(high, buffer.order(ByteOrder.BIG_ENDIAN).getLong(offset + 8));
  }
}
