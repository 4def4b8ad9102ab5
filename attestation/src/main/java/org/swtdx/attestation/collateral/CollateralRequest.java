package org.swtdx.attestation.collateral;

import java.time.Instant;

/**
 * What a verifier needs collateral for.
 *
 * @param tee the kind of quote
 * @param fmspc the kind of platform that made it
 * @param pckCa which CA issued the platform's PCK certificate
 * @param moment the time that the quote is judged at
 */
public record CollateralRequest(Tee tee, Fmspc fmspc, PckCa pckCa, Instant moment) {
  /** The two CAs that issue PCK certificates, as PCS names them in {@code pckcrl?ca=}. */
  public enum PckCa {
    /** For platforms that registered nothing: {@code processor}. */
    PROCESSOR("processor"),
    /** For platforms of several packages, and all with TDX: {@code platform}. */
    PLATFORM("platform");

    private final String label;

    PckCa(String label) {
      this.label = label;
    }

    /** The name in PCS's query. */
    public String label() {
      return label;
    }
  }
}
