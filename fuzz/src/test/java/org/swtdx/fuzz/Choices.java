package org.swtdx.fuzz;

/**
 * A fuzzer's bytes read as a sequence of choices. When they run out every further choice is 0, so
 * each input, however short, is a whole scenario and removing bytes shrinks it.
 */
public final class Choices {
  private final byte[] bytes;
  private int next;

  /** Choices out of {@code bytes}. */
  public Choices(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether any byte is left. */
  public boolean more() {
    return next < bytes.length;
  }

  /** The next byte, unsigned. */
  public int u8() {
    return next < bytes.length ? bytes[next++] & 0xff : 0;
  }

  /** The next two bytes, little-endian. */
  public int u16() {
    return u8() | u8() << 8;
  }

  /** The next four bytes, little-endian. */
  public int i32() {
    return u16() | u16() << 16;
  }

  /** The next eight bytes, little-endian. */
  public long i64() {
    return i32() & 0xffff_ffffL | (long) i32() << 32;
  }

  /** A number from 0 to {@code bound} - 1, from one byte; {@code bound} is at most 256. */
  public int below(int bound) {
    return u8() % bound;
  }

  /** A fair coin. */
  public boolean coin() {
    return (u8() & 1) != 0;
  }

  /** One of {@code values}. */
  public long of(long... values) {
    return values[below(values.length)];
  }

  /** Up to {@code length} bytes, fewer when they run out. */
  public byte[] bytes(int length) {
    int end = Math.min(bytes.length, next + length);
    byte[] result = java.util.Arrays.copyOfRange(bytes, next, end);
    next = end;
    return result;
  }

  /** All bytes that are left. */
  public byte[] rest() {
    return bytes(bytes.length - next);
  }
}
