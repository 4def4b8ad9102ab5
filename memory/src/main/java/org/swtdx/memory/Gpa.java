package org.swtdx.memory;

/**
 * A guest physical address in bytes, the SHARED bit included where a guest set it.
 *
 * @param value the address
 */
public record Gpa(long value) {
  /** Returns this address plus {@code bytes}. */
  public Gpa plus(long bytes) {
    return new Gpa(value + bytes);
  }

  /** Returns the guest frame number, {@code value >> 12}. */
  public long gfn() {
    return value >>> 12;
  }

  @Override
  public String toString() {
    return "gpa 0x" + Long.toHexString(value);
  }
}
