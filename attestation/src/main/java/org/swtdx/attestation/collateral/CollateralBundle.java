package org.swtdx.attestation.collateral;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.swtdx.attestation.json.JsonFields;
import org.swtdx.attestation.json.JsonFormatException;
import org.swtdx.attestation.json.StrictJson;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Collateral as one JSON object, {@code QuoteCollateralV3} as dcap-qvl and others write it:
 * revocation lists and signatures in hexadecimal, chains in PEM, documents as text in strings.
 */
public final class CollateralBundle {
  private static final String PCK_CRL_ISSUER_CHAIN = "pck_crl_issuer_chain";
  private static final String ROOT_CA_CRL = "root_ca_crl";
  private static final String PCK_CRL = "pck_crl";
  private static final String TCB_INFO_ISSUER_CHAIN = "tcb_info_issuer_chain";
  private static final String TCB_INFO = "tcb_info";
  private static final String TCB_INFO_SIGNATURE = "tcb_info_signature";
  private static final String QE_IDENTITY_ISSUER_CHAIN = "qe_identity_issuer_chain";
  private static final String QE_IDENTITY = "qe_identity";
  private static final String QE_IDENTITY_SIGNATURE = "qe_identity_signature";
  private static final String PCK_CERTIFICATE_CHAIN = "pck_certificate_chain";

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private CollateralBundle() {}

  /** Reads a bundle. */
  public static Collateral parse(byte[] json) throws CollateralException {
    try {
      JsonFields bundle = StrictJson.object(json, "collateral bundle");
      return new Collateral(
          bundle.hex(ROOT_CA_CRL),
          bundle.hex(PCK_CRL),
          bundle.optionalLines(PCK_CRL_ISSUER_CHAIN),
          document(bundle, TCB_INFO, TCB_INFO_SIGNATURE),
          bundle.lines(TCB_INFO_ISSUER_CHAIN),
          document(bundle, QE_IDENTITY, QE_IDENTITY_SIGNATURE),
          bundle.lines(QE_IDENTITY_ISSUER_CHAIN),
          bundle.optionalLines(PCK_CERTIFICATE_CHAIN));
    } catch (JsonFormatException e) {
      throw new CollateralException(String.valueOf(e.getMessage()), e);
    }
  }

  private static SignedDocument document(JsonFields bundle, String body, String signature)
      throws JsonFormatException, CollateralException {
    return new SignedDocument(
        bundle.lines(body).getBytes(StandardCharsets.UTF_8),
        bundle.hex(signature, SignedDocument.SIGNATURE_SIZE));
  }

  /** Returns collateral as a bundle, indented. */
  public static byte[] toJson(Collateral collateral) {
    HexFormat hex = HexFormat.of();
    ObjectNode bundle = MAPPER.createObjectNode();
    collateral.pckCrlIssuerChain().ifPresent(pem -> bundle.put(PCK_CRL_ISSUER_CHAIN, pem));
    bundle.put(ROOT_CA_CRL, hex.formatHex(collateral.rootCaCrl()));
    bundle.put(PCK_CRL, hex.formatHex(collateral.pckCrl()));
    bundle.put(TCB_INFO_ISSUER_CHAIN, collateral.tcbInfoIssuerChain());
    bundle.put(TCB_INFO, text(collateral.tcbInfo()));
    bundle.put(TCB_INFO_SIGNATURE, hex.formatHex(collateral.tcbInfo().signature()));
    bundle.put(QE_IDENTITY_ISSUER_CHAIN, collateral.qeIdentityIssuerChain());
    bundle.put(QE_IDENTITY, text(collateral.qeIdentity()));
    bundle.put(QE_IDENTITY_SIGNATURE, hex.formatHex(collateral.qeIdentity().signature()));
    collateral.pckCertificateChain().ifPresent(pem -> bundle.put(PCK_CERTIFICATE_CHAIN, pem));
    return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(bundle) + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String text(SignedDocument document) {
    return new String(document.body(), StandardCharsets.UTF_8);
  }
}
