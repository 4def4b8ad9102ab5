package org.swtdx.attestation.crypto;

/**
 * Checks signatures of ECDSA over P-256 with SHA-256. Implementations are thread-safe and hold no
 * secrets; any bytes have an answer.
 */
public interface EcdsaP256 {
  /** Bytes of a public key: x and y, big-endian. */
  int KEY_SIZE = 64;

  /** Bytes of a signature: r and s, big-endian. */
  int SIGNATURE_SIZE = 64;

  /**
   * Whether {@code signature} over {@code message} was made with the key's other half. False when
   * the key is no point of the curve, or a number is out of range.
   *
   * @param key x and y, 64 bytes
   * @param message what was signed, before it is hashed
   * @param signature r and s, 64 bytes
   */
  boolean verify(byte[] key, byte[] message, byte[] signature);

  /** What computes, for people: {@code Bouncy Castle}, or a provider's name. */
  String name();
}
