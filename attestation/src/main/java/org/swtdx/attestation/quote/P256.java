package org.swtdx.attestation.quote;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;

/** ECDSA over P-256 with SHA-256, keys and signatures as quotes hold them: two 32-byte numbers. */
final class P256 {
  private static final String CURVE = "secp256r1";
  private static final String SIGNATURE = "SHA256withECDSAinP1363Format";

  private P256() {}

  /** Returns whether {@code signature} is the key's over {@code message}. */
  static boolean verify(PublicKey key, byte[] message, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(SIGNATURE);
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException _) {
      return false; // numbers out of range, or a key of another curve: nobody signed with those
    }
  }

  /**
   * Returns the public key of 64 bytes.
   *
   * @throws InvalidKeyException when they are no point of the curve
   */
  static PublicKey decode(byte[] bytes) throws InvalidKeyException {
    ECPoint point =
        new ECPoint(
            new BigInteger(1, Arrays.copyOf(bytes, 32)),
            new BigInteger(1, Arrays.copyOfRange(bytes, 32, 64)));
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(CURVE));
      ECParameterSpec curve = parameters.getParameterSpec(ECParameterSpec.class);
      if (!isOnCurve(point, curve)) {
        throw new InvalidKeyException("not a point of P-256");
      }
      return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, curve));
    } catch (InvalidKeyException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform has no P-256", e);
    }
  }

  private static boolean isOnCurve(ECPoint point, ECParameterSpec parameters) {
    BigInteger p = ((ECFieldFp) parameters.getCurve().getField()).getP();
    BigInteger x = point.getAffineX();
    BigInteger y = point.getAffineY();
    BigInteger right =
        x.pow(3)
            .add(parameters.getCurve().getA().multiply(x))
            .add(parameters.getCurve().getB())
            .mod(p);
    return x.compareTo(p) < 0 && y.compareTo(p) < 0 && y.pow(2).mod(p).equals(right);
  }

  static byte[] sha256(byte[] first, byte[] second) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(first);
      return digest.digest(second);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
