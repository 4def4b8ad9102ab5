package org.swtdx.attestation.collateral;

/**
 * Where a verifier gets collateral from: a bundle, a directory, a caching service. Implementations
 * are asked from several threads at once, and give what they have: the verifier judges signatures
 * and times itself.
 */
@FunctionalInterface
public interface CollateralSource {
  /**
   * Returns collateral for a quote.
   *
   * @throws CollateralException when there is none, saying what is missing
   */
  Collateral collateral(CollateralRequest request) throws CollateralException;

  /** A source that has one set of collateral, whatever is asked for. */
  static CollateralSource of(Collateral collateral) {
    return _ -> collateral;
  }
}
