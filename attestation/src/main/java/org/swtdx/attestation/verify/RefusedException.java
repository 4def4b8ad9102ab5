package org.swtdx.attestation.verify;

import java.io.Serial;

/** Carries a refusal out of a check after which no other makes sense. */
final class RefusedException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final transient Refusal refusal;

  RefusedException(Reason reason, String field, String found, String required) {
    super(field, null, false, false);
    this.refusal = new Refusal(reason, field, found, required);
  }

  Refusal refusal() {
    return refusal;
  }
}
