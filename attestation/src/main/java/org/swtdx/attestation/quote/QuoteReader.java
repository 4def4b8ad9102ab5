package org.swtdx.attestation.quote;

import java.util.Arrays;

/** Reads little-endian fields in order and knows the name of what it was reading when they end. */
final class QuoteReader {
  private final byte[] bytes;
  private int position;

  QuoteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  int position() {
    return position;
  }

  int remaining() {
    return bytes.length - position;
  }

  byte[] take(int size, String what) throws QuoteFormatException {
    if (size < 0 || size > remaining()) {
      throw new QuoteFormatException(
          "%s needs %s bytes at offset %d, but %d are left"
              .formatted(what, Integer.toUnsignedString(size), position, remaining()));
    }
    byte[] field = Arrays.copyOfRange(bytes, position, position + size);
    position += size;
    return field;
  }

  int u16(String what) throws QuoteFormatException {
    byte[] field = take(2, what);
    return field[0] & 0xff | (field[1] & 0xff) << 8;
  }

  int u32(String what) throws QuoteFormatException {
    return u16(what) | u16(what) << 16;
  }
}
