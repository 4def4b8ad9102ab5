package org.swtdx.attestation.report;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** A structure of fixed size whose fields are views of its bytes; immutable. */
abstract sealed class ReportBytes permits ReportMacStruct, TeeTcbInfo, TdInfo {
  private final byte[] bytes;

  ReportBytes(byte[] bytes, int size) {
    if (bytes.length != size) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + " has " + size + " bytes, not " + bytes.length);
    }
    this.bytes = bytes.clone();
  }

  /** Returns the structure's bytes. */
  public final byte[] toBytes() {
    return bytes.clone();
  }

  final byte[] field(int offset, int size) {
    return Arrays.copyOfRange(bytes, offset, offset + size);
  }

  final int byteAt(int offset) {
    return bytes[offset] & 0xff;
  }

  final long longAt(int offset) {
    long value = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      value = value << 8 | byteAt(offset + i);
    }
    return value;
  }

  final byte[] sha384() {
    try {
      return MessageDigest.getInstance("SHA-384").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-384", e);
    }
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof ReportBytes that
        && getClass() == that.getClass()
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public final int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
