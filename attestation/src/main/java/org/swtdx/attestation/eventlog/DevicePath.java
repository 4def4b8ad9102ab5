package org.swtdx.attestation.eventlog;

import java.util.HexFormat;
import java.util.UUID;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;
import org.swtdx.attestation.text.Printable;

/**
 * Device paths as text (UEFI specification, "Device path text representation"). Nodes of other
 * kinds come out as {@code Path(type,subtype,hex)}.
 */
final class DevicePath {
  private static final int MOST_NODES = 256;
  private static final int PNP = 0x41d0;

  private DevicePath() {}

  /** The text, nodes separated by slashes; says what is wrong in place of a malformed rest. */
  static String text(byte[] path) {
    StringBuilder text = new StringBuilder();
    try {
      Cursor cursor = new Cursor(path);
      for (int nodes = 0; cursor.remaining() > 0 && nodes < MOST_NODES; nodes++) {
        int type = cursor.u8("a node's type");
        int subtype = cursor.u8("a node's subtype");
        int length = cursor.u16("a node's length");
        byte[] body = cursor.bytes(length - 4L, "a device path node");
        if (type == 0x7f) {
          if (subtype == 0xff) {
            return text.toString();
          }
          text.append(",");
          continue;
        }
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ',') {
          text.append('/');
        }
        text.append(Printable.clean(node(type, subtype, body)));
      }
    } catch (ShortDataException e) {
      text.append(text.isEmpty() ? "" : "/").append("malformed (").append(e.getMessage());
      return text.append(")").toString();
    }
    return text.toString();
  }

  private static String node(int type, int subtype, byte[] body) {
    try {
      String known = known(type << 8 | subtype, new Cursor(body));
      if (!known.isEmpty()) {
        return known;
      }
    } catch (ShortDataException e) {
      // shown as any other node
    }
    return "Path(%d,%d%s)"
        .formatted(type, subtype, body.length == 0 ? "" : "," + HexFormat.of().formatHex(body));
  }

  private static String known(int kind, Cursor body) throws ShortDataException {
    return switch (kind) {
      case 0x0101 -> {
        int function = body.u8("a function");
        yield "Pci(0x%x,0x%x)".formatted(body.u8("a device"), function);
      }
      case 0x0103 ->
          "MemoryMapped(0x%x,0x%x,0x%x)"
              .formatted(body.u32("a type"), body.u64("a start"), body.u64("an end"));
      case 0x0104 -> "VenHw(" + guidAndData(body) + ")";
      case 0x0201 -> acpi(body);
      case 0x0301 ->
          "Ata(0x%x,0x%x,0x%x)"
              .formatted(body.u8("a controller"), body.u8("a drive"), body.u16("a LUN"));
      case 0x0302 -> "Scsi(0x%x,0x%x)".formatted(body.u16("a target"), body.u16("a LUN"));
      case 0x0305 -> "USB(0x%x,0x%x)".formatted(body.u8("a port"), body.u8("an interface"));
      case 0x030a -> "VenMsg(" + guidAndData(body) + ")";
      case 0x030b -> "MAC(" + HexFormat.of().formatHex(body.bytes(6, "an address")) + ")";
      case 0x0312 ->
          "Sata(0x%x,0x%x,0x%x)"
              .formatted(body.u16("a port"), body.u16("a multiplier"), body.u16("a LUN"));
      case 0x0317 -> nvme(body);
      case 0x0401 -> hardDrive(body);
      case 0x0402 ->
          "CDROM(0x%x,0x%x,0x%x)"
              .formatted(body.u32("an entry"), body.u64("a start"), body.u64("a size"));
      case 0x0403 -> "VenMedia(" + guidAndData(body) + ")";
      case 0x0404 -> body.utf16(body.remaining() / 2, "a file's name");
      case 0x0406 -> "FvFile(" + body.guid("a file") + ")";
      case 0x0407 -> "Fv(" + body.guid("a volume") + ")";
      default -> "";
    };
  }

  private static String acpi(Cursor body) throws ShortDataException {
    long hid = body.u32("a hardware identifier");
    long uid = body.u32("a unique identifier");
    long product = hid >>> 16;
    if ((hid & 0xffff) != PNP) {
      return "Acpi(0x%08x,0x%x)".formatted(hid, uid);
    }
    return product == 0x0a03 || product == 0x0a08
        ? (product == 0x0a08 ? "PcieRoot" : "PciRoot") + "(0x%x)".formatted(uid)
        : "Acpi(PNP%04X,0x%x)".formatted(product, uid);
  }

  private static String nvme(Cursor body) throws ShortDataException {
    long namespace = body.u32("a namespace");
    byte[] eui = body.bytes(8, "an EUI-64");
    return "NVMe(0x%x,%s)".formatted(namespace, HexFormat.ofDelimiter("-").formatHex(eui));
  }

  private static String hardDrive(Cursor body) throws ShortDataException {
    long partition = body.u32("a partition");
    long start = body.u64("a start");
    long size = body.u64("a size");
    Cursor signature = new Cursor(body.bytes(16, "a signature"));
    int format = body.u8("a format");
    int kind = body.u8("a signature's type");
    String name =
        switch (kind) {
          case 2 -> signature.guid("a GUID").toString();
          case 1 -> "0x%08x".formatted(signature.u32("an MBR signature"));
          default -> "";
        };
    String table = format == 2 ? "GPT" : format == 1 ? "MBR" : "0x%x".formatted(format);
    return "HD(%d,%s,%s,0x%x,0x%x)".formatted(partition, table, name, start, size);
  }

  private static String guidAndData(Cursor body) throws ShortDataException {
    UUID guid = body.guid("a GUID");
    String data = HexFormat.of().formatHex(body.rest());
    return guid + (data.isEmpty() ? "" : "," + data);
  }
}
