package org.swtdx.attestation.crypto;

import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;

/** Bouncy Castle's arithmetic for this curve, without its provider: Java code only. */
final class BouncyCastleEcdsa implements EcdsaP256 {
  private static final ECDomainParameters P256 = domain();

  private static ECDomainParameters domain() {
    X9ECParameters curve = CustomNamedCurves.getByName("secp256r1");
    return new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
  }

  @Override
  public boolean verify(byte[] key, byte[] message, byte[] signature) {
    if (key.length != KEY_SIZE || signature.length != SIGNATURE_SIZE) {
      return false;
    }
    ECPublicKeyParameters publicKey;
    try {
      byte[] encoded = new byte[1 + KEY_SIZE];
      encoded[0] = 4; // uncompressed
      System.arraycopy(key, 0, encoded, 1, KEY_SIZE);
      publicKey = new ECPublicKeyParameters(P256.getCurve().decodePoint(encoded), P256);
    } catch (IllegalArgumentException _) {
      return false; // not on the curve
    }
    ECDSASigner verifier = new ECDSASigner();
    verifier.init(false, publicKey);
    return verifier.verifySignature(
        Sha256.of(message),
        new BigInteger(1, Arrays.copyOf(signature, 32)),
        new BigInteger(1, Arrays.copyOfRange(signature, 32, 64)));
  }

  @Override
  public String name() {
    return "Bouncy Castle";
  }
}
