package org.swtdx.attestation.collateral;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.swtdx.attestation.json.JsonFormatException;
import org.swtdx.attestation.json.StrictJson;

/**
 * A JSON document as the bytes that were signed, and the signature over them. Immutable; equal when
 * both are.
 */
public final class SignedDocument {
  /** Bytes of a signature: r and s of ECDSA over P-256, big-endian. */
  public static final int SIGNATURE_SIZE = 64;

  private final byte[] body;
  private final byte[] signature;

  /**
   * Creates a document.
   *
   * @param body the signed bytes, exactly
   * @param signature r and s, 64 bytes
   */
  public SignedDocument(byte[] body, byte[] signature) throws CollateralException {
    if (signature.length != SIGNATURE_SIZE) {
      throw new CollateralException(
          "a document's signature has " + signature.length + " bytes, not " + SIGNATURE_SIZE);
    }
    this.body = body.clone();
    this.signature = signature.clone();
  }

  /** Reads PCS's answer to {@code /tcb}: {@code {"tcbInfo":{...},"signature":"..."}}. */
  public static SignedDocument ofTcbInfoResponse(byte[] response) throws CollateralException {
    return ofResponse(response, "tcbInfo", "TCB info response");
  }

  /** Reads PCS's answer to {@code /qe/identity}, with {@code enclaveIdentity}. */
  public static SignedDocument ofQeIdentityResponse(byte[] response) throws CollateralException {
    return ofResponse(response, "enclaveIdentity", "QE identity response");
  }

  private static SignedDocument ofResponse(byte[] response, String member, String what)
      throws CollateralException {
    try {
      Map<String, String> members =
          StrictJson.members(StrictJson.utf8(response, what).strip(), what);
      if (!members.keySet().equals(Set.of(member, "signature"))) {
        throw new CollateralException(
            what + " must have the members " + member + " and signature, and no others");
      }
      return new SignedDocument(
          Objects.requireNonNull(members.get(member)).getBytes(StandardCharsets.UTF_8),
          StrictJson.object("{\"signature\":" + members.get("signature") + "}", what)
              .hex("signature", SIGNATURE_SIZE));
    } catch (JsonFormatException e) {
      throw new CollateralException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns PCS's answer with this document under {@code member}. */
  public byte[] toResponse(String member) {
    String text =
        "{\"%s\":%s,\"signature\":\"%s\"}"
            .formatted(
                member,
                new String(body, StandardCharsets.UTF_8),
                HexFormat.of().formatHex(signature));
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The signed bytes. */
  public byte[] body() {
    return body.clone();
  }

  /** The signature over them. */
  public byte[] signature() {
    return signature.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedDocument that
        && Arrays.equals(body, that.body)
        && Arrays.equals(signature, that.signature);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(body) + Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return "document of " + body.length + " bytes";
  }
}
