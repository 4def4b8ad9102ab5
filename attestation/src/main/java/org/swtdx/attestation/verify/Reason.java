package org.swtdx.attestation.verify;

/** The checks a quote can fail, in the order in which they are made. */
public enum Reason {
  /** The bytes are no quote of a kind that is understood. */
  MALFORMED_QUOTE,
  /** The quoting enclave is not Intel's. */
  QE_VENDOR,
  /** The PCK certificate chain is unreadable or does not lead to the trusted root. */
  PCK_CHAIN,
  /** The PCK did not sign the quoting enclave's report. */
  QE_REPORT_SIGNATURE,
  /** The quoting enclave's report does not vouch for the attestation key. */
  ATTESTATION_KEY_BINDING,
  /** The attestation key did not sign the quote. */
  QUOTE_SIGNATURE,
  /** A certificate is not valid at the time. */
  CERTIFICATE_VALIDITY,
  /** A part of the collateral cannot be read. */
  COLLATERAL_MALFORMED,
  /** A part of the collateral is not signed by whom it has to be. */
  COLLATERAL_SIGNATURE,
  /** The collateral is for another platform or another kind of quote. */
  COLLATERAL_MISMATCH,
  /** A part of the collateral has expired, or is not valid yet. */
  COLLATERAL_VALIDITY,
  /** A certificate has been revoked. */
  REVOKED,
  /** The quoting enclave is not the one that its identity describes. */
  QE_IDENTITY,
  /** The TDX module is not one that TCB info describes. */
  TDX_MODULE,
  /** The TCB is below every level that is known. */
  TCB_LEVEL,
  /** The policy does not accept the status of the TCB. */
  TCB_STATUS,
  /** The policy does not accept an advisory. */
  ADVISORY,
  /** The TCB, or what is known of it, is older than the policy accepts. */
  TCB_AGE,
  /** A security version is lower than the policy accepts. */
  SECURITY_VERSION,
  /** The TD's or enclave's attributes are reserved or not accepted. */
  ATTRIBUTES,
  /** A measurement is not one that the policy expects. */
  MEASUREMENT
}
