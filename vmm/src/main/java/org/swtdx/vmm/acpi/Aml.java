package org.swtdx.vmm.acpi;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Encodes ACPI machine language (ACPI 6.5, chapter 20), as far as the machine's tables use it. */
final class Aml {
  private Aml() {}

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] scope(String name, byte[]... body) {
    return concat(new byte[] {0x10}, sized(concat(name(name), concat(body))));
  }

  static byte[] device(String name, byte[]... body) {
    return concat(new byte[] {0x5b, (byte) 0x82}, sized(concat(name(name), concat(body))));
  }

  static byte[] named(String name, byte[] value) {
    return concat(new byte[] {0x08}, name(name), value);
  }

  static byte[] pack(byte[]... elements) {
    byte[] count = {(byte) elements.length};
    return concat(new byte[] {0x12}, sized(concat(count, concat(elements))));
  }

  static byte[] integer(long value) {
    if (value == 0 || value == 1) {
      return new byte[] {(byte) value};
    }
    if (value >>> 8 == 0) {
      return new byte[] {0x0a, (byte) value};
    }
    if (value >>> 16 == 0) {
      return le(0x0b, 2, value);
    }
    return value >>> 32 == 0 ? le(0x0c, 4, value) : le(0x0e, 8, value);
  }

  private static byte[] le(int prefix, int bytes, long value) {
    byte[] result = new byte[1 + bytes];
    result[0] = (byte) prefix;
    for (int i = 0; i < bytes; i++) {
      result[1 + i] = (byte) (value >>> 8 * i);
    }
    return result;
  }

  /** An EISA identifier such as {@code PNP0A08}: three letters of five bits, four hex digits. */
  static byte[] eisaId(String id) {
    int letters = 0;
    for (int i = 0; i < 3; i++) {
      letters = letters << 5 | id.charAt(i) - '@';
    }
    int value = letters << 16 | Integer.parseInt(id.substring(3), 16);
    return le(0x0c, 4, Integer.toUnsignedLong(Integer.reverseBytes(value)));
  }

  /** A resource template: descriptors, end tag, as a buffer. */
  static byte[] resources(byte[]... descriptors) {
    byte[] body = concat(concat(descriptors), new byte[] {0x79, 0});
    return concat(new byte[] {0x11}, sized(concat(integer(body.length), body)));
  }

  static byte[] busNumbers(int first, int last) {
    return wordSpace(2, 0, first, last);
  }

  static byte[] ioWindow(int first, int last) {
    return wordSpace(1, 3, first, last);
  }

  private static byte[] wordSpace(int type, int specific, int first, int last) {
    ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    b.put((byte) 0x88).putShort((short) 13).put((byte) type).put((byte) 0x0c);
    b.put((byte) specific).putShort((short) 0).putShort((short) first).putShort((short) last);
    return b.putShort((short) 0).putShort((short) (last - first + 1)).array();
  }

  /** A 32-bit memory window; all zeros if it is empty, so that its size never changes. */
  static byte[] memoryWindow(long first, long end) {
    ByteBuffer b = ByteBuffer.allocate(26).order(ByteOrder.LITTLE_ENDIAN);
    b.put((byte) 0x87).putShort((short) 23).put((byte) 0).put((byte) 0x0c).put((byte) 1);
    if (end > first) {
      b.putInt(0).putInt((int) first).putInt((int) (end - 1)).putInt(0).putInt((int) (end - first));
    }
    return b.array();
  }

  static byte[] ports(int first, int count) {
    ByteBuffer b = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    b.put((byte) 0x47).put((byte) 1).putShort((short) first).putShort((short) first);
    return b.put((byte) 1).put((byte) count).array();
  }

  static byte[] irq(int number) {
    return new byte[] {0x22, (byte) (1 << number), (byte) (1 << number >>> 8)};
  }

  /** A path of segments separated by dots, from the root if it starts with a backslash. */
  private static byte[] name(String path) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String rest = path;
    if (rest.startsWith("\\")) {
      out.write('\\');
      rest = rest.substring(1);
    }
    String[] segments = rest.split("\\.", -1);
    if (segments.length == 2) {
      out.write(0x2e);
    }
    for (String segment : segments) {
      out.writeBytes((segment + "____").substring(0, 4).getBytes(US_ASCII));
    }
    return out.toByteArray();
  }

  /** Prefixes a body with its package length, which counts itself. */
  private static byte[] sized(byte[] body) {
    int bytes = 1;
    while (bytes < 4 && body.length + bytes >= (bytes == 1 ? 1 << 6 : 1 << 8 * bytes - 4)) {
      bytes++;
    }
    int length = body.length + bytes;
    byte[] prefix = new byte[bytes];
    if (bytes == 1) {
      prefix[0] = (byte) length;
    } else {
      prefix[0] = (byte) (bytes - 1 << 6 | length & 0xf);
      for (int i = 1; i < bytes; i++) {
        prefix[i] = (byte) (length >>> 8 * i - 4);
      }
    }
    return concat(prefix, body);
  }
}
