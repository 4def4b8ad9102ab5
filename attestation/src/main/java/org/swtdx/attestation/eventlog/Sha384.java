package org.swtdx.attestation.eventlog;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-384 in the forms needed here. */
public final class Sha384 {
  private Sha384() {}

  /** The digest of parts one after the other, in lower-case hexadecimal. */
  public static String hex(byte[]... parts) {
    return HexFormat.of().formatHex(digest(parts));
  }

  /** The value of a register after an extension. */
  static byte[] extend(byte[] register, byte[] digest) {
    return digest(register, digest);
  }

  private static byte[] digest(byte[]... parts) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-384");
      for (byte[] part : parts) {
        sha.update(part);
      }
      return sha.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-384", e);
    }
  }
}
