package org.swtdx.attestation.verify;

/**
 * Why a quote is refused.
 *
 * @param reason which check failed
 * @param field what was looked at, as documents name it
 * @param found its value
 * @param required the value it would need
 */
public record Refusal(Reason reason, String field, String found, String required) {
  @Override
  public String toString() {
    return "%s: %s is %s, required is %s".formatted(reason, field, found, required);
  }
}
