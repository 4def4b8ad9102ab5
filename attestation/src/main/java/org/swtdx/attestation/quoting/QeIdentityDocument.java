package org.swtdx.attestation.quoting;

import java.time.Instant;
import java.util.HexFormat;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The identity of the TD quoting enclave, version 2 (Intel PCS API v4, "Get TDX QE Identity"): the
 * text that is signed, without white space.
 */
final class QeIdentityDocument {
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private QeIdentityDocument() {}

  static String text(PkiState state, Instant issued) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("id", "TD_QE").put("version", 2);
    CollateralDates.put(root, issued, state);
    root.put("tcbEvaluationDataNumber", state.serial());
    root.put("miscselect", "00000000").put("miscselectMask", "FFFFFFFF");
    root.put("attributes", "11000000000000000000000000000000");
    root.put("attributesMask", "FBFFFFFFFFFFFFFF0000000000000000");
    root.put("mrsigner", HexFormat.of().withUpperCase().formatHex(QuotingEnclave.mrSigner()));
    root.put("isvprodid", EnclaveReport.PROD_ID);
    TcbLevels.putIsvSvn(root, EnclaveReport.SVN, state.lowered().get(TcbPart.QE), issued);
    return MAPPER.writeValueAsString(root);
  }
}
