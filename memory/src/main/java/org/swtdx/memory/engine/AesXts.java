package org.swtdx.memory.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-128-XTS (IEEE 1619) for data units of whole blocks, as memory encryption uses it: one cache
 * line is one data unit and its number is the line's physical address divided by the line size. Not
 * thread-safe.
 */
final class AesXts {
  private static final int BLOCK = 16;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Cipher encrypt;
  private final Cipher decrypt;
  private final Cipher tweak;

  /** Creates the cipher of a 32-byte key: 16 bytes for data, then 16 bytes for tweaks. */
  AesXts(byte[] key) {
    encrypt = aes(Cipher.ENCRYPT_MODE, key, 0);
    decrypt = aes(Cipher.DECRYPT_MODE, key, 0);
    tweak = aes(Cipher.ENCRYPT_MODE, key, BLOCK);
  }

  private static Cipher aes(int mode, byte[] key, int offset) {
    try {
      Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, offset, BLOCK, "AES"));
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has AES", e);
    }
  }

  /** Encrypts {@code data}, a whole number of blocks, in place. */
  void encrypt(long unit, byte[] data) {
    apply(encrypt, unit, data);
  }

  /** Decrypts {@code data}, a whole number of blocks, in place. */
  void decrypt(long unit, byte[] data) {
    apply(decrypt, unit, data);
  }

  private void apply(Cipher cipher, long unit, byte[] data) {
    try {
      byte[] mask = tweaks(unit, data.length);
      xor(data, mask);
      byte[] out = cipher.doFinal(data);
      xor(out, mask);
      System.arraycopy(out, 0, data, 0, data.length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES rejected whole blocks", e);
    }
  }

  /** The tweak of each block: the encrypted unit number times x^n in GF(2^128). */
  private byte[] tweaks(long unit, int length) throws GeneralSecurityException {
    byte[] first = new byte[BLOCK];
    LONGS.set(first, 0, unit);
    first = tweak.doFinal(first);
    long low = (long) LONGS.get(first, 0);
    long high = (long) LONGS.get(first, 8);
    byte[] all = new byte[length];
    for (int at = 0; at < length; at += BLOCK) {
      LONGS.set(all, at, low);
      LONGS.set(all, at + 8, high);
      long carry = high >> 63 & 0x87;
      high = high << 1 | low >>> 63;
      low = low << 1 ^ carry;
    }
    return all;
  }

  private static void xor(byte[] data, byte[] mask) {
    for (int at = 0; at < data.length; at += 8) {
      LONGS.set(data, at, (long) LONGS.get(data, at) ^ (long) LONGS.get(mask, at));
    }
  }
}
