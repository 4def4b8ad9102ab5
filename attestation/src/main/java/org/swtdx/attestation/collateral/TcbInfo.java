package org.swtdx.attestation.collateral;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.json.JsonFields;
import org.swtdx.attestation.json.JsonFormatException;
import org.swtdx.attestation.json.StrictJson;

/**
 * What Intel says of a kind of platform: TCB info of version 3 (PCS API version 4).
 *
 * @param tee what it is for
 * @param issueDate when it was made
 * @param nextUpdate when it expires
 * @param fmspc which kind of platform it is about
 * @param pceId which provisioning certification enclave, four lower-case hexadecimal digits
 * @param tcbType how levels are to be compared; 0 is the only way there is
 * @param tcbEvaluationDataNumber rises with each TCB recovery
 * @param tdxModule the module whose TEE_TCB_SVN[1] is 0; none for SGX
 * @param tdxModuleIdentities modules by TEE_TCB_SVN[1]; none for SGX
 * @param tcbLevels levels, newest first
 */
public record TcbInfo(
    Tee tee,
    Instant issueDate,
    Instant nextUpdate,
    Fmspc fmspc,
    String pceId,
    int tcbType,
    int tcbEvaluationDataNumber,
    Optional<SeamIdentity> tdxModule,
    List<TdxModuleIdentity> tdxModuleIdentities,
    List<TcbLevel> tcbLevels) {
  /** The one version that is understood. */
  public static final int VERSION = 3;

  /** Copies the lists. */
  public TcbInfo {
    tdxModuleIdentities = List.copyOf(tdxModuleIdentities);
    tcbLevels = List.copyOf(tcbLevels);
  }

  /**
   * Reads TCB info.
   *
   * @param document the object that was signed, with {@code id}, {@code version} and so on
   */
  public static TcbInfo parse(byte[] document) throws CollateralException {
    try {
      JsonFields info = StrictJson.object(document, "TCB info");
      info.integer("version", VERSION, VERSION);
      return TcbInfoReader.read(info);
    } catch (JsonFormatException e) {
      throw new CollateralException(String.valueOf(e.getMessage()), e);
    }
  }
}
