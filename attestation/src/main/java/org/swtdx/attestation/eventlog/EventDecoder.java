package org.swtdx.attestation.eventlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;
import org.swtdx.attestation.eventlog.EventDetail.AgentEntry;
import org.swtdx.attestation.eventlog.EventDetail.FirmwareBlob;
import org.swtdx.attestation.eventlog.EventDetail.Image;
import org.swtdx.attestation.eventlog.EventDetail.NamedPayload;
import org.swtdx.attestation.eventlog.EventDetail.Opaque;
import org.swtdx.attestation.eventlog.EventDetail.Separator;
import org.swtdx.attestation.eventlog.EventDetail.Tables;
import org.swtdx.attestation.eventlog.EventDetail.Tagged;
import org.swtdx.attestation.eventlog.EventDetail.Text;
import org.swtdx.attestation.text.Printable;

/**
 * Says what an event's data mean. Layouts: TCG PC Client Platform Firmware Profile and UEFI; texts
 * and tags: what OVMF, shim, GRUB, systemd, Linux and guest agents write. Data that don't fit their
 * type's layout come back as {@link Opaque} with the reason; nothing is thrown.
 */
public final class EventDecoder {
  /** The tag of the guest components' attestation agent: "AAEL". */
  static final long AGENT_TAG = 0x4141454cL;

  private static final int PREVIEW = 48;
  private static final int MOST_TABLES = 64;

  private static final Map<Long, String> TAGS =
      Map.of(
          0x8f3b22ecL, "Linux EFI stub, initrd",
          0x8f3b22edL, "Linux EFI stub, command line",
          0xf5bc582aL, "systemd-boot, configuration",
          0x6c46f751L, "systemd-stub, device tree add-on",
          0x49dffe0fL, "systemd-stub, initrd add-on",
          0xdac08e1aL, "systemd-stub, microcode add-on",
          0x13aed6dbL, "systemd-stub, profile");

  private EventDecoder() {}

  /**
   * Decodes an event.
   *
   * @param event the event
   * @return what its data say
   */
  public static EventDetail decode(LogEvent event) {
    byte[] data = event.data();
    try {
      return switch (event.type().code()) {
        case 0x3 -> text("no action", data);
        case 0x4 -> separator(data);
        case 0x6 -> tagged(data);
        case 0xd -> IplText.decode(data);
        case 0x80000001, 0x80000002, 0x8000000c, 0x800000e0 -> VariableDecoder.decode(data);
        case 0x80000003, 0x80000004, 0x80000005 -> image(data);
        case 0x80000006, 0x8000000d -> PartitionDecoder.decode(data);
        case 0x80000008 -> blob("", new Cursor(data));
        case 0x80000009 -> tables("", new Cursor(data));
        case 0x8000000a -> described(data, EventDecoder::blob);
        case 0x8000000b -> described(data, EventDecoder::tables);
        case 0x08000001 -> new NamedPayload(Printable.clean(event.name()), preview(data));
        default -> text(Printable.clean(event.name()), data);
      };
    } catch (ShortDataException e) {
      return new Opaque("malformed (" + e.getMessage() + ")", preview(data));
    }
  }

  private static EventDetail separator(byte[] data) throws ShortDataException {
    Cursor cursor = new Cursor(data);
    long value = cursor.u32("a separator");
    return cursor.remaining() == 0
        ? new Separator(value)
        : new Opaque("malformed (a separator has 4 bytes, this " + data.length + ")", "");
  }

  private static EventDetail tagged(byte[] data) throws ShortDataException {
    Cursor cursor = new Cursor(data);
    long tag = cursor.u32("a tag");
    long size = cursor.u32("the tag's size");
    byte[] body = cursor.bytes(size, "tagged data");
    if (tag == AGENT_TAG) {
      String[] words = Printable.utf8(body).orElse("").split(" ", 3);
      if (words.length == 3) {
        return new AgentEntry(
            Printable.clean(words[0]), Printable.clean(words[1]), Printable.clean(words[2]));
      }
      return new Tagged(tag, "attestation agent", preview(body));
    }
    return new Tagged(tag, TAGS.getOrDefault(tag, ""), anyText(body));
  }

  private static EventDetail image(byte[] data) throws ShortDataException {
    Cursor cursor = new Cursor(data);
    long address = cursor.u64("an image's address");
    long length = cursor.u64("an image's length");
    long link = cursor.u64("an image's link address");
    long pathBytes = cursor.u64("a device path's length");
    byte[] path = cursor.bytes(pathBytes, "a device path");
    return new Image(address, length, link, DevicePath.text(path));
  }

  /** Reads what follows a description. */
  private interface Described {
    EventDetail read(String description, Cursor cursor) throws ShortDataException;
  }

  private static EventDetail described(byte[] data, Described rest) throws ShortDataException {
    Cursor cursor = new Cursor(data);
    int size = cursor.u8("a description's size");
    byte[] text = cursor.bytes(size, "a description");
    return rest.read(Printable.clean(Printable.utf8(text).orElse("")), cursor);
  }

  private static EventDetail blob(String description, Cursor cursor) throws ShortDataException {
    long base = cursor.u64("a blob's base");
    return new FirmwareBlob(description, base, cursor.u64("a blob's length"));
  }

  private static EventDetail tables(String description, Cursor cursor) throws ShortDataException {
    long count = cursor.u64("the number of tables");
    if (count < 0 || count > MOST_TABLES) {
      throw new ShortDataException("%s tables".formatted(Long.toUnsignedString(count)));
    }
    List<Tables.Table> tables = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      UUID guid = cursor.guid("a table's GUID");
      tables.add(new Tables.Table(guid, cursor.u64("a table's address")));
    }
    return new Tables(description, tables);
  }

  private static EventDetail text(String writer, byte[] data) {
    return Printable.utf8(data)
        .<EventDetail>map(text -> new Text(writer, Printable.clean(text)))
        .orElseGet(() -> nameThenBinary(writer, data));
  }

  /** A name, a NUL, and more: firmware of some clouds describes its tables so. */
  private static EventDetail nameThenBinary(String writer, byte[] data) {
    int end = 0;
    while (end < data.length && data[end] >= 0x20 && data[end] < 0x7f) {
      end++;
    }
    if (end >= 4 && end < data.length && data[end] == 0) {
      String name = new String(data, 0, end, java.nio.charset.StandardCharsets.US_ASCII);
      byte[] rest = Arrays.copyOfRange(data, end + 1, data.length);
      return new Text(writer, name + (blank(rest) ? "" : " " + preview(rest)));
    }
    return new Opaque(writer, preview(data));
  }

  private static boolean blank(byte[] data) {
    for (byte b : data) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** UTF-8 or UTF-16 text, or the first bytes in hexadecimal. */
  static String anyText(byte[] data) {
    return Printable.utf16(data)
        .or(() -> Printable.utf8(data))
        .map(Printable::clean)
        .orElseGet(() -> hex(data));
  }

  /** Text, or the first bytes in hexadecimal. */
  static String preview(byte[] data) {
    return Printable.utf8(data).map(Printable::clean).orElseGet(() -> hex(data));
  }

  static String hex(byte[] data) {
    String digits = HexFormat.of().formatHex(data, 0, Math.min(PREVIEW, data.length));
    return data.length > PREVIEW ? digits + "… (" + data.length + " bytes)" : digits;
  }
}
