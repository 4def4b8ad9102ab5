package org.swtdx.attestation.bytes;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Writes little-endian structures. */
public final class StructWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Creates an empty structure. */
  public StructWriter() {}

  /** Appends the low byte of a number. */
  public StructWriter u8(long value) {
    return number(value, 1);
  }

  /** Appends the low two bytes of a number. */
  public StructWriter u16(long value) {
    return number(value, 2);
  }

  /** Appends the low four bytes of a number. */
  public StructWriter u32(long value) {
    return number(value, 4);
  }

  /** Appends eight bytes. */
  public StructWriter u64(long value) {
    return number(value, 8);
  }

  private StructWriter number(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> 8 * i));
    }
    return this;
  }

  /** Appends bytes as they are. */
  public StructWriter bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** Appends zeros. */
  public StructWriter zeros(int count) {
    return bytes(new byte[count]);
  }

  /** Appends ASCII characters without a NUL. */
  public StructWriter ascii(String text) {
    return bytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Appends UTF-16 code units without a NUL. */
  public StructWriter utf16(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_16LE));
  }

  /** Appends a GUID in UEFI's mixed-endian form. */
  public StructWriter guid(UUID guid) {
    long high = guid.getMostSignificantBits();
    u32(high >>> 32).u16(high >>> 16).u16(high);
    return u64(Long.reverseBytes(guid.getLeastSignificantBits()));
  }

  /** The bytes so far. */
  public byte[] toByteArray() {
    return out.toByteArray();
  }
}
