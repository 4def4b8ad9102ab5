package org.swtdx.attestation.pcs;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.Tee;

/**
 * A thing to ask for.
 *
 * @param what its name in messages
 * @param uri where it is
 * @param chainHeaders headers that hold its issuer chain, by preference; empty when it has none
 */
record PcsRequest(String what, URI uri, List<String> chainHeaders) {
  private static final URI INTEL_ROOT_CRL =
      URI.create("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");

  static PcsRequest tcbInfo(PcsOptions options, Tee tee, Fmspc fmspc) {
    return new PcsRequest(
        "TCB info of FMSPC " + fmspc,
        at(options, tee, "tcb?fmspc=" + fmspc.hex() + version(options, "&")),
        List.of("TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"));
  }

  static PcsRequest qeIdentity(PcsOptions options, Tee tee) {
    return new PcsRequest(
        "QE identity",
        at(options, tee, "qe/identity" + version(options, "?")),
        List.of("SGX-Enclave-Identity-Issuer-Chain"));
  }

  static PcsRequest pckCrl(PcsOptions options, PckCa ca) {
    return new PcsRequest(
        "revocation list of the PCK " + ca.label() + " CA",
        at(options, Tee.SGX, "pckcrl?ca=" + ca.label() + "&encoding=der"),
        List.of("SGX-PCK-CRL-Issuer-Chain"));
  }

  static PcsRequest rootCrl(PcsOptions options) {
    return new PcsRequest(
        "revocation list of the root",
        options.isIntel() ? INTEL_ROOT_CRL : at(options, Tee.SGX, "rootcacrl"),
        List.of());
  }

  private static String version(PcsOptions options, String separator) {
    if (options.evaluationDataNumber().isPresent()) {
      return separator + "tcbEvaluationDataNumber=" + options.evaluationDataNumber().getAsInt();
    }
    return options.update().map(update -> separator + "update=" + update.label()).orElse("");
  }

  private static URI at(PcsOptions options, Tee tee, String path) {
    return URI.create(
        options.service()
            + "/"
            + tee.name().toLowerCase(Locale.ROOT)
            + "/certification/v4/"
            + path);
  }
}
