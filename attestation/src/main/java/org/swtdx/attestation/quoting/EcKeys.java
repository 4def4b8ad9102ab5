package org.swtdx.attestation.quoting;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;

/** P-256 keys and signatures of this platform, in the form in which quotes hold them. */
final class EcKeys {
  private static final String CURVE = "secp256r1";
  private static final String SIGNATURE = "SHA256withECDSAinP1363Format";

  private EcKeys() {}

  static KeyPair generate(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform has no P-256", e);
    }
  }

  /** Signs with SHA-256; the signature is r and s, 32 bytes each. */
  static byte[] sign(PrivateKey key, byte[] message, SecureRandom random) {
    try {
      Signature signer = Signature.getInstance(SIGNATURE);
      signer.initSign(key, random);
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key of our own cannot sign", e);
    }
  }

  /** Returns whether {@code key} is the private half of {@code publicKey}, by a signature. */
  static boolean belong(PrivateKey key, PublicKey publicKey, byte[] probe, SecureRandom random) {
    try {
      Signature signer = Signature.getInstance(SIGNATURE);
      signer.initSign(key, random);
      signer.update(probe);
      byte[] signature = signer.sign();
      signer.initVerify(publicKey);
      signer.update(probe);
      return signer.verify(signature);
    } catch (GeneralSecurityException _) {
      return false; // a key of another curve or kind
    }
  }

  /** Returns the 64 bytes of a public key: x and y. */
  static byte[] encode(ECPublicKey key) {
    byte[] bytes = new byte[64];
    put(key.getW().getAffineX(), bytes, 0);
    put(key.getW().getAffineY(), bytes, 32);
    return bytes;
  }

  private static void put(BigInteger number, byte[] target, int offset) {
    byte[] bytes = number.toByteArray();
    int size = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - size, target, offset + 32 - size, size);
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
