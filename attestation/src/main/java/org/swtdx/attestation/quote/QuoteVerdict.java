package org.swtdx.attestation.quote;

/** What came out of verifying a quote. */
public sealed interface QuoteVerdict {
  /**
   * Every signature holds up to the trusted root. What the quote says, and whether its TCB is up to
   * date, is for the caller to judge.
   *
   * @param quote the quote
   * @param chain the certificates that vouch for it
   */
  record Verified(Quote quote, PckChain chain) implements QuoteVerdict {}

  /**
   * The quote proves nothing.
   *
   * @param reason which check failed first
   * @param detail a sentence for a person
   */
  record Rejected(Reason reason, String detail) implements QuoteVerdict {}

  /** The checks, in their order. */
  enum Reason {
    /** The bytes are no TDX quote. */
    MALFORMED,
    /** The PCK certificate chain does not lead to the trusted root. */
    PCK_CHAIN,
    /** The PCK did not sign the quoting enclave's report. */
    QE_REPORT_SIGNATURE,
    /** The quoting enclave's report does not vouch for the attestation key. */
    ATTESTATION_KEY_BINDING,
    /** The attestation key did not sign the quote. */
    QUOTE_SIGNATURE
  }
}
