package org.swtdx.attestation.bytes;

import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Reads little-endian structures from bytes, and never past their end. */
public final class Cursor {
  /** The bytes end before what is to be read. */
  public static final class ShortDataException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what was to be read, and how much there is
     */
    public ShortDataException(String message) {
      super(message);
    }
  }

  private final ByteBuffer buffer;

  /** Reads all of an array. */
  public Cursor(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads an array between two indexes. */
  public Cursor(byte[] bytes, int from, int to) {
    buffer = ByteBuffer.wrap(bytes, from, to - from).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Index of the next byte in the array. */
  public int position() {
    return buffer.position();
  }

  /** Bytes that are left. */
  public int remaining() {
    return buffer.remaining();
  }

  private void need(long bytes, String what) throws ShortDataException {
    if (bytes < 0 || bytes > buffer.remaining()) {
      throw new ShortDataException(
          what
              + " needs "
              + Long.toUnsignedString(bytes)
              + " bytes, "
              + buffer.remaining()
              + " are left");
    }
  }

  /** Reads an unsigned byte. */
  public int u8(String what) throws ShortDataException {
    need(1, what);
    return Byte.toUnsignedInt(buffer.get());
  }

  /** Reads two bytes, unsigned. */
  public int u16(String what) throws ShortDataException {
    need(2, what);
    return Short.toUnsignedInt(buffer.getShort());
  }

  /** Reads four bytes. */
  public int i32(String what) throws ShortDataException {
    need(4, what);
    return buffer.getInt();
  }

  /** Reads four bytes, unsigned. */
  public long u32(String what) throws ShortDataException {
    return Integer.toUnsignedLong(i32(what));
  }

  /** All 64 bits; what is used as a length is refused when negative. */
  public long u64(String what) throws ShortDataException {
    need(8, what);
    return buffer.getLong();
  }

  /** Reads bytes. */
  public byte[] bytes(long count, String what) throws ShortDataException {
    need(count, what);
    byte[] result = new byte[(int) count];
    buffer.get(result);
    return result;
  }

  /** Reads all bytes that are left. */
  public byte[] rest() {
    byte[] result = new byte[buffer.remaining()];
    buffer.get(result);
    return result;
  }

  /** Passes over bytes. */
  public void skip(long count, String what) throws ShortDataException {
    need(count, what);
    buffer.position(buffer.position() + (int) count);
  }

  /** A GUID in UEFI's mixed-endian form. */
  public UUID guid(String what) throws ShortDataException {
    need(16, what);
    long high =
        Integer.toUnsignedLong(buffer.getInt()) << 32
            | Short.toUnsignedLong(buffer.getShort()) << 16
            | Short.toUnsignedLong(buffer.getShort());
    long low = Long.reverseBytes(buffer.getLong());
    return new UUID(high, low);
  }

  /** {@code units} UTF-16 code units; a final NUL is dropped. */
  public String utf16(long units, String what) throws ShortDataException {
    need(units > Integer.MAX_VALUE ? units : 2 * units, what);
    String text = new String(bytes(2 * units, what), StandardCharsets.UTF_16LE);
    return text.endsWith("\0") ? text.substring(0, text.length() - 1) : text;
  }
}
