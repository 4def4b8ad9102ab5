package org.swtdx.attestation.crypto;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;

/** The algorithms of a JCA provider, which need not be registered. */
final class ProviderEcdsa implements EcdsaP256 {
  /** SubjectPublicKeyInfo of a P-256 key up to its coordinates. */
  private static final byte[] KEY_PREFIX =
      HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

  /** The order of the curve's base point. */
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private static final String RAW = "SHA256withECDSAinP1363Format";
  private static final String DER = "SHA256withECDSA";

  private final Provider provider;
  private final boolean raw;

  /**
   * Creates an instance.
   *
   * @throws GeneralSecurityException when the provider lacks what is needed
   */
  ProviderEcdsa(Provider provider) throws GeneralSecurityException {
    this.provider = provider;
    this.raw = provider.getService("Signature", RAW) != null;
    KeyFactory.getInstance("EC", provider);
    if (!raw && provider.getService("Signature", DER) == null) {
      throw new NoSuchAlgorithmException(provider.getName() + " has no " + DER);
    }
  }

  @Override
  public boolean verify(byte[] key, byte[] message, byte[] signature) {
    if (key.length != KEY_SIZE || signature.length != SIGNATURE_SIZE) {
      return false;
    }
    try {
      byte[] encoded = new byte[KEY_PREFIX.length + KEY_SIZE];
      System.arraycopy(KEY_PREFIX, 0, encoded, 0, KEY_PREFIX.length);
      System.arraycopy(key, 0, encoded, KEY_PREFIX.length, KEY_SIZE);
      PublicKey publicKey =
          KeyFactory.getInstance("EC", provider).generatePublic(new X509EncodedKeySpec(encoded));
      Signature verifier = Signature.getInstance(raw ? RAW : DER, provider);
      verifier.initVerify(publicKey);
      verifier.update(message);
      return verifier.verify(raw ? signature : der(signature));
    } catch (GeneralSecurityException | IOException | IllegalArgumentException _) {
      return false; // numbers out of range, or no point of the curve
    }
  }

  private static byte[] der(byte[] signature) throws IOException {
    return StandardDSAEncoding.INSTANCE.encode(
        ORDER,
        new BigInteger(1, Arrays.copyOf(signature, 32)),
        new BigInteger(1, Arrays.copyOfRange(signature, 32, 64)));
  }

  @Override
  public String name() {
    return provider.getName();
  }
}
