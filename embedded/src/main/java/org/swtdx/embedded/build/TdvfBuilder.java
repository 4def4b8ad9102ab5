package org.swtdx.embedded.build;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.swtdx.embedded.program.AddressMap;

/**
 * Lays out a TDVF image: the program from its start, and at its end the metadata, the table of
 * GUIDed entries that leads there, and the reset vector (TDX Virtual Firmware Design Guide, "TDVF
 * Metadata"; OVMF's reset vector GUID table).
 */
public final class TdvfBuilder {
  private static final int RESET_VECTOR = 0x10; // these distances are from the image's end
  private static final int FIXED_OFFSET = 0x20;
  private static final int METADATA = 0x200;
  private static final int METADATA_HEADER = 16;
  private static final int SECTION = 32;
  private static final int GUID_BYTES = 16;
  private static final int ENTRY_HEADER = GUID_BYTES + Short.BYTES;

  private static final int TYPE_BFV = 0;
  private static final int TYPE_TD_HOB = 2;
  private static final int TYPE_TEMP_MEM = 3;
  private static final int MR_EXTEND = 1;

  private static final UUID METADATA_GUID = UUID.fromString("e9eaf9f3-168e-44d5-a8eb-7f4d8738f6ae");
  private static final UUID OFFSET_GUID = UUID.fromString("e47a6535-984a-4798-865e-4685a7bf8ec2");
  private static final UUID FOOTER_GUID = UUID.fromString("96b582de-1fb2-45f7-baea-a366c55a082d");

  private TdvfBuilder() {}

  /**
   * Returns the image around a program.
   *
   * @param program code for address {@link AddressMap#IMAGE}, where it is entered
   * @throws IllegalArgumentException when the program is too large for it
   */
  public static byte[] build(byte[] program) {
    ByteBuffer image = ByteBuffer.allocate(AddressMap.IMAGE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    int room = AddressMap.IMAGE_SIZE - METADATA - GUID_BYTES;
    if (program.length > room) {
      throw new IllegalArgumentException(
          "the program has " + program.length + " bytes, the image room for " + room);
    }
    image.put(0, program);
    putMetadata(image.position(image.capacity() - METADATA - GUID_BYTES));
    putGuidTable(image);
    image.putInt(image.capacity() - FIXED_OFFSET, METADATA); // for those who know no GUIDs
    putJumpToStart(image);
    return image.array();
  }

  private static void putMetadata(ByteBuffer image) {
    int sections = 3;
    putGuid(image, METADATA_GUID);
    image.put("TDVF".getBytes(StandardCharsets.US_ASCII));
    image.putInt(METADATA_HEADER + sections * SECTION).putInt(1).putInt(sections);
    putSection(
        image, TYPE_BFV, AddressMap.IMAGE, AddressMap.IMAGE_SIZE, AddressMap.IMAGE_SIZE, MR_EXTEND);
    putSection(image, TYPE_TD_HOB, AddressMap.HOB, AddressMap.HOB_SIZE, 0, 0);
    putSection(image, TYPE_TEMP_MEM, AddressMap.WORK, AddressMap.WORK_SIZE, 0, 0);
  }

  private static void putSection(
      ByteBuffer image, int type, long gpa, int memorySize, int rawSize, int attributes) {
    image.putInt(0).putInt(rawSize).putLong(gpa).putLong(memorySize);
    image.putInt(type).putInt(attributes);
  }

  /** The table grows downwards: the footer, below it the one entry, whose data comes first. */
  private static void putGuidTable(ByteBuffer image) {
    int entry = Integer.BYTES + ENTRY_HEADER;
    int total = entry + ENTRY_HEADER;
    image.position(image.capacity() - FIXED_OFFSET - total);
    image.putInt(METADATA).putShort((short) entry);
    putGuid(image, OFFSET_GUID);
    image.putShort((short) total);
    putGuid(image, FOOTER_GUID);
  }

  /** The first instruction of the TD: a near jump, 16 bytes below 4 GiB. */
  private static void putJumpToStart(ByteBuffer image) {
    int at = image.capacity() - RESET_VECTOR;
    int afterJump = at + 1 + Integer.BYTES;
    image.put(at, (byte) 0xe9).putInt(at + 1, -afterJump);
  }

  /** Writes a GUID in the mixed-endian form of UEFI. */
  private static void putGuid(ByteBuffer image, UUID guid) {
    long high = guid.getMostSignificantBits();
    image.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
    image.put(ByteBuffer.allocate(Long.BYTES).putLong(guid.getLeastSignificantBits()).flip());
  }
}
