package org.swtdx.attestation.eventlog;

/**
 * One digest of an event.
 *
 * @param algorithm its algorithm
 * @param hex its value in lower-case hexadecimal, as long as the algorithm's digests are
 */
public record EventDigest(HashAlgorithm algorithm, String hex) {
  /** Checks the length. */
  public EventDigest {
    if (hex.length() != 2 * algorithm.bytes()) {
      throw new IllegalArgumentException(
          algorithm.label() + " digest of " + hex.length() + " hexadecimal digits");
    }
  }
}
