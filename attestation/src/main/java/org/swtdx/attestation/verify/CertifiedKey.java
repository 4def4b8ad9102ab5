package org.swtdx.attestation.verify;

import java.util.List;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.quote.EnclaveReportBody;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.SgxExtensions;

/**
 * An attestation key that a platform's quoting enclave and PCK vouch for.
 *
 * @param qeReport the quoting enclave
 * @param chain PCK certificate, its CA, the root
 * @param platform what the PCK certificate says
 */
record CertifiedKey(EnclaveReportBody qeReport, List<Certificate> chain, SgxExtensions platform) {
  Certificate pck() {
    return chain.getFirst();
  }

  Certificate authority() {
    return chain.get(1);
  }

  PckCa pckCa() {
    return authority().subject().commonName().contains("Processor")
        ? PckCa.PROCESSOR
        : PckCa.PLATFORM;
  }
}
