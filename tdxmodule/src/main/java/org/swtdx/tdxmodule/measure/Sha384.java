package org.swtdx.tdxmodule.measure;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hash of every TDX measurement. */
public final class Sha384 {
  /** Bytes of a digest. */
  public static final int SIZE = 48;

  private Sha384() {}

  /** Returns a fresh hash computation. */
  public static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-384");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform implements SHA-384", e);
    }
  }

  /** Returns the digest of {@code length} bytes of {@code data} from {@code offset}. */
  public static byte[] of(byte[] data, int offset, int length) {
    MessageDigest digest = start();
    digest.update(data, offset, length);
    return digest.digest();
  }

  /** Returns the digest of {@code data}. */
  public static byte[] of(byte[] data) {
    return of(data, 0, data.length);
  }
}
