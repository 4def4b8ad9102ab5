package org.swtdx.memory;

/**
 * A host physical address in bytes, without KeyID bits.
 *
 * @param value the address, in {@code [0, 2^(MAXPA - keyIdBits))}
 */
public record Hpa(long value) {
  /** Bytes of a 4 KiB frame. */
  public static final int PAGE_SIZE = 4096;

  /** Returns this address plus {@code bytes}. */
  public Hpa plus(long bytes) {
    return new Hpa(value + bytes);
  }

  /** Returns the frame number, {@code value >> 12}. */
  public long pfn() {
    return value >>> 12;
  }

  @Override
  public String toString() {
    return "hpa 0x" + Long.toHexString(value);
  }
}
