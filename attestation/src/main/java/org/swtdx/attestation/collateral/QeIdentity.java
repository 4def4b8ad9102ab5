package org.swtdx.attestation.collateral;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.swtdx.attestation.json.JsonFields;
import org.swtdx.attestation.json.JsonFormatException;
import org.swtdx.attestation.json.StrictJson;

/**
 * What Intel says of a quoting enclave: enclave identity of version 2 (PCS API version 4).
 *
 * @param id {@code QE} for SGX, {@code TD_QE} for TDX
 * @param issueDate when it was made
 * @param nextUpdate when it expires
 * @param tcbEvaluationDataNumber rises with each TCB recovery
 * @param miscSelect MISCSELECT as it has to be under the mask, 8 hexadecimal digits
 * @param miscSelectMask which of its bits count
 * @param attributes ATTRIBUTES as they have to be under the mask, 32 hexadecimal digits
 * @param attributesMask which of their bits count
 * @param mrSigner measurement of the signer, 64 hexadecimal digits
 * @param isvProdId product of the signer
 * @param tcbLevels levels, newest first
 */
public record QeIdentity(
    String id,
    Instant issueDate,
    Instant nextUpdate,
    int tcbEvaluationDataNumber,
    String miscSelect,
    String miscSelectMask,
    String attributes,
    String attributesMask,
    String mrSigner,
    int isvProdId,
    List<SvnLevel> tcbLevels) {
  /** The one version that is understood. */
  public static final int VERSION = 2;

  /** Copies the list. */
  public QeIdentity {
    tcbLevels = List.copyOf(tcbLevels);
  }

  /**
   * Reads an enclave identity.
   *
   * @param document the object that was signed, with {@code id}, {@code version} and so on
   */
  public static QeIdentity parse(byte[] document) throws CollateralException {
    try {
      JsonFields identity = StrictJson.object(document, "QE identity");
      identity.integer("version", VERSION, VERSION);
      return new QeIdentity(
          identity.text("id"),
          identity.instant("issueDate"),
          identity.instant("nextUpdate"),
          identity.integer("tcbEvaluationDataNumber", 0, Integer.MAX_VALUE),
          hex(identity, "miscselect", 4),
          hex(identity, "miscselectMask", 4),
          hex(identity, "attributes", 16),
          hex(identity, "attributesMask", 16),
          hex(identity, "mrsigner", 32),
          identity.integer("isvprodid", 0, 0xffff),
          TcbInfoReader.svnLevels(identity));
    } catch (JsonFormatException e) {
      throw new CollateralException(String.valueOf(e.getMessage()), e);
    }
  }

  private static String hex(JsonFields identity, String name, int size) throws JsonFormatException {
    return HexFormat.of().formatHex(identity.hex(name, size));
  }
}
