package org.swtdx.attestation.eventlog;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Makes event logs for tests. */
public final class Logs {
  private final List<LogEvent> events = new ArrayList<>();

  public Logs add(int mrIndex, int type, byte[] data, byte[] measured) {
    EventDigest digest = new EventDigest(HashAlgorithm.SHA384, Sha384.hex(measured));
    events.add(
        new LogEvent(events.size(), mrIndex, new EventType(type), List.of(digest), data, ""));
    return this;
  }

  public Logs add(int mrIndex, int type, byte[] data) {
    return add(mrIndex, type, data, data);
  }

  public EventLog log() {
    return EventLog.predicted(events);
  }

  public byte[] binary() {
    return CcelWriter.write(log());
  }

  /** A boot as OVMF, GRUB and Linux log it, without the sizes of a real one. */
  public static Logs boot() {
    return new Logs()
        .add(
            1,
            0x8000000b,
            concat(described("TdxTable"), little(8, 1), guid(1), little(8, 0x809000)),
            text("hob"))
        .add(1, 0x80000001, variable("SecureBoot", new byte[] {1}))
        .add(1, 0x4, new byte[4])
        .add(1, 0xa, text("ACPI DATA"), text("tables"))
        .add(1, 0x80000002, variable("BootOrder", little(2, 3)), little(2, 3))
        .add(2, 0x80000007, text("Calling EFI Application from Boot Option"))
        .add(2, 0x4, new byte[4])
        .add(
            2,
            0x80000003,
            concat(little(8, 1), little(8, 2), little(8, 3), little(8, 0)),
            text("PE"))
        .add(3, 0xd, text("grub_cmd: set default=0\0"), text("set default=0"))
        .add(3, 0x6, tagged(0x8f3b22ec, text("Linux initrd\0")), text("initrd"))
        .add(4, 0x6, tagged(0x4141454c, text("example.org start {\"a\":1}")));
  }

  static byte[] tagged(int tag, byte[] data) {
    return concat(little(4, tag), little(4, data.length), data);
  }

  static byte[] variable(String name, byte[] contents) {
    return concat(
        guid(7), little(8, name.length()), little(8, contents.length), wide(name), contents);
  }

  static byte[] described(String description) {
    return concat(little(1, description.length()), text(description));
  }

  static byte[] guid(int last) {
    byte[] bytes = new byte[16];
    bytes[15] = (byte) last;
    return bytes;
  }

  static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  static byte[] wide(String text) {
    return text.getBytes(UTF_16LE);
  }

  static byte[] little(int bytes, long value) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return java.util.Arrays.copyOf(all, bytes);
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
