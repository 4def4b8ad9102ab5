package org.swtdx.attestation.verify;

import java.util.Arrays;

/** Bytes as a key; nobody writes to them any more. */
final class Octets {
  private final byte[] bytes;
  private final int hash;

  Octets(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Octets that && hash == that.hash && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
