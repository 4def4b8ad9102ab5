package org.swtdx.attestation.pcs;

import java.util.Optional;

/** A body, and the issuer chain that came in a header with it. */
final class PcsAnswer {
  private final byte[] body;
  private final Optional<String> issuerChain;

  PcsAnswer(byte[] body, Optional<String> issuerChain) {
    this.body = body.clone();
    this.issuerChain = issuerChain;
  }

  byte[] body() {
    return body.clone();
  }

  /** PEM, decoded. */
  Optional<String> issuerChain() {
    return issuerChain;
  }
}
