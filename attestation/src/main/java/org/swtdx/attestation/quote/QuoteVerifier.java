package org.swtdx.attestation.quote;

import java.security.InvalidKeyException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.quote.QuoteVerdict.Reason;
import org.swtdx.attestation.quote.QuoteVerdict.Rejected;
import org.swtdx.attestation.quote.QuoteVerdict.Verified;

/**
 * Verifies the signatures of quotes: PCK chain to a trusted root, PCK over the quoting enclave's
 * report, that report over the attestation key, that key over header and body. Immutable.
 */
public final class QuoteVerifier {
  private final X509Certificate trustedRoot;
  private final InstantSource clock;

  /**
   * Creates a verifier.
   *
   * @param trustedRoot the one root that is believed
   * @param clock tells when certificates must be valid
   */
  public QuoteVerifier(X509Certificate trustedRoot, InstantSource clock) {
    this.trustedRoot = trustedRoot;
    this.clock = clock;
  }

  /** Verifies a quote; any bytes have a verdict. */
  public QuoteVerdict verify(byte[] bytes) {
    try {
      Quote quote = Quote.parse(bytes);
      if (quote.td().isEmpty()) {
        throw new QuoteFormatException("it is an enclave's quote, not a TD's");
      }
      PckChain chain = PckChain.parse(quote.signature().pckChain());
      Rejected rejected = judge(quote, chain);
      return rejected != null ? rejected : new Verified(quote, chain);
    } catch (QuoteFormatException e) {
      return new Rejected(Reason.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private @Nullable Rejected judge(Quote quote, PckChain chain) {
    String defect = chain.defect(trustedRoot, clock.instant());
    if (defect != null) {
      return new Rejected(Reason.PCK_CHAIN, "the PCK chain does not hold: " + defect);
    }
    QuoteSignature signature = quote.signature();
    PublicKey pck = chain.leaf().getPublicKey();
    byte[] report = signature.qeReport().toBytes();
    if (!P256.verify(pck, report, signature.qeReportSignature())) {
      return new Rejected(
          Reason.QE_REPORT_SIGNATURE, "the QE report is not signed by the PCK certificate's key");
    }
    byte[] binding =
        Arrays.copyOf(P256.sha256(signature.attestationKey(), signature.authenticationData()), 64);
    if (!Arrays.equals(signature.qeReport().reportData(), binding)) {
      return new Rejected(
          Reason.ATTESTATION_KEY_BINDING, "the QE report vouches for another attestation key");
    }
    return judgeSignature(quote);
  }

  private static @Nullable Rejected judgeSignature(Quote quote) {
    PublicKey key;
    try {
      key = P256.decode(quote.signature().attestationKey());
    } catch (InvalidKeyException e) {
      return new Rejected(
          Reason.ATTESTATION_KEY_BINDING, "the attestation key is " + e.getMessage());
    }
    if (!P256.verify(key, quote.signedPart(), quote.signature().signature())) {
      return new Rejected(
          Reason.QUOTE_SIGNATURE, "header and body are not signed by the attestation key");
    }
    return null;
  }
}
