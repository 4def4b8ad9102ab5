package org.swtdx.attestation.eventlog;

import java.util.Optional;

/** Digest algorithms by their TCG identifiers (TCG Algorithm Registry, table "TPM_ALG_ID"). */
public enum HashAlgorithm {
  /** SHA-1. */
  SHA1(0x04, 20, "SHA-1"),
  /** SHA-256. */
  SHA256(0x0b, 32, "SHA-256"),
  /** SHA-384: the algorithm of RTMRs. */
  SHA384(0x0c, 48, "SHA-384"),
  /** SHA-512. */
  SHA512(0x0d, 64, "SHA-512"),
  /** SM3, 256 bits. */
  SM3_256(0x12, 32, "SM3-256"),
  /** SHA3-256. */
  SHA3_256(0x27, 32, "SHA3-256"),
  /** SHA3-384. */
  SHA3_384(0x28, 48, "SHA3-384"),
  /** SHA3-512. */
  SHA3_512(0x29, 64, "SHA3-512");

  private final int id;
  private final int bytes;
  private final String label;

  HashAlgorithm(int id, int bytes, String label) {
    this.id = id;
    this.bytes = bytes;
    this.label = label;
  }

  /** The TPM_ALG_ID. */
  public int id() {
    return id;
  }

  /** Bytes of a digest. */
  public int bytes() {
    return bytes;
  }

  /** The usual name, for example {@code SHA-384}. */
  public String label() {
    return label;
  }

  /**
   * Finds an algorithm.
   *
   * @param id a TPM_ALG_ID
   * @return empty if it names no hash that is known here
   */
  public static Optional<HashAlgorithm> ofId(int id) {
    for (HashAlgorithm algorithm : values()) {
      if (algorithm.id == id) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /**
   * Finds an algorithm by its usual name, ignoring case and dashes.
   *
   * @param name for example {@code SHA-384}, {@code sha384}
   */
  public static Optional<HashAlgorithm> ofName(String name) {
    for (HashAlgorithm algorithm : values()) {
      if (plain(algorithm.label).equalsIgnoreCase(plain(name))) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  private static String plain(String name) {
    return name.replace("-", "").replace("_", "");
  }
}
