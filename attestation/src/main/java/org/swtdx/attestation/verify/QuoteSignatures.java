package org.swtdx.attestation.verify;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.swtdx.attestation.crypto.Sha256;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteSignature;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.SgxExtensions;

/**
 * The signatures of a quote: PCK chain to the root, PCK over the quoting enclave's report, that
 * report over the attestation key, that key over header and body. All but the last are the same for
 * every quote of a key, and are remembered.
 */
final class QuoteSignatures {
  private static final String INTEL = "939a7233f79c4ca9940a0db3957f0607";
  private static final int CHAIN_LENGTH = 3;
  private static final int REMEMBERED = 1024;

  private final Chains chains;
  private final BoundedCache<Octets, CertifiedKey> certified = new BoundedCache<>(REMEMBERED);

  QuoteSignatures(Chains chains) {
    this.chains = chains;
  }

  CertifiedKey check(Quote quote) throws RefusedException {
    String vendor = HexFormat.of().formatHex(quote.qeVendorId());
    if (!vendor.equals(INTEL)) {
      throw new RefusedException(Reason.QE_VENDOR, "QE vendor ID", vendor, INTEL);
    }
    QuoteSignature signature = quote.signature();
    Octets certification = new Octets(signature.certification());
    CertifiedKey key = certified.get(certification).orElse(null);
    if (key == null) {
      key = certify(signature);
      certified.put(certification, key);
    }
    if (!chains
        .ecdsa()
        .verify(signature.attestationKey(), quote.signedPart(), signature.signature())) {
      throw new RefusedException(
          Reason.QUOTE_SIGNATURE,
          "signature of header and body",
          "wrong",
          "made by the attestation key");
    }
    return key;
  }

  private CertifiedKey certify(QuoteSignature signature) throws RefusedException {
    try {
      List<Certificate> chain = chains.parse(signature.pckChain());
      if (chain.size() != CHAIN_LENGTH) {
        throw new RefusedException(
            Reason.PCK_CHAIN, "length of the PCK chain", chain.size() + "", CHAIN_LENGTH + "");
      }
      chains.check(chain, Reason.PCK_CHAIN, "PCK chain");
      Certificate pck = chain.getFirst();
      if (!pck.maySignData()) {
        throw new RefusedException(
            Reason.PCK_CHAIN,
            "key usage of the PCK certificate",
            "no digital signatures, or a CA",
            "digitalSignature, and no CA");
      }
      SgxExtensions platform = SgxExtensions.of(pck);
      checkQeReport(signature, pck);
      return new CertifiedKey(signature.qeReport(), chain, platform);
    } catch (CertificateFormatException e) {
      throw new RefusedException(
          Reason.PCK_CHAIN,
          "PCK chain",
          "unreadable: " + e.getMessage(),
          "a PCK certificate, its CA and the root in PEM");
    }
  }

  private void checkQeReport(QuoteSignature signature, Certificate pck) throws RefusedException {
    byte[] report = signature.qeReport().toBytes();
    if (!chains.ecdsa().verify(pck.publicKey(), report, signature.qeReportSignature())) {
      throw new RefusedException(
          Reason.QE_REPORT_SIGNATURE, "signature of the QE report", "wrong", "made by the PCK");
    }
    byte[] binding =
        Arrays.copyOf(Sha256.of(signature.attestationKey(), signature.authenticationData()), 64);
    if (!Arrays.equals(signature.qeReport().reportData(), binding)) {
      throw new RefusedException(
          Reason.ATTESTATION_KEY_BINDING,
          "report data of the QE report",
          HexFormat.of().formatHex(signature.qeReport().reportData()),
          "the hash of attestation key and authentication data, then zeros: "
              + HexFormat.of().formatHex(binding));
    }
  }
}
