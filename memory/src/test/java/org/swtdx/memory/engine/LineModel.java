package org.swtdx.memory.engine;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.swtdx.memory.PhysicalAddressLayout;

/** What physical memory must do, told line by line with no regard to speed. */
public final class LineModel {
  private static final int LINE = 64;

  /** One key of one KeyID; two are the same only if they are one object. */
  private static final class Key {
    private final @Nullable AesXts cipher;

    private Key(@Nullable AesXts cipher) {
      this.cipher = cipher;
    }
  }

  private final PhysicalAddressLayout layout;
  private final RandomGenerator entropy;
  private final Key[] current;
  private final Key[] owners;
  private final byte[][] plain;
  private final long[] versions;

  /** Creates zeros that belong to the host; {@code entropy} is drawn from as the product does. */
  public LineModel(PhysicalAddressLayout layout, int frames, RandomGenerator entropy) {
    this.layout = layout;
    this.entropy = entropy;
    current = new Key[1 << layout.keyIdBits()];
    current[0] = new Key(null);
    for (int keyId = 1; keyId < current.length; keyId++) {
      program(keyId);
    }
    owners = new Key[frames * 4096 / LINE];
    Arrays.fill(owners, current[0]);
    plain = new byte[owners.length][LINE];
    versions = new long[frames];
  }

  /** Gives a KeyID another key. */
  public void program(int keyId) {
    byte[] key = new byte[32];
    entropy.nextBytes(key);
    current[keyId] = new Key(new AesXts(key));
  }

  /** Whether all of a frame was last written with the current key of {@code keyId}. */
  public boolean isWhole(long hpa, int keyId) {
    int first = (int) (hpa >>> 12) * 64;
    return Arrays.stream(owners, first, first + 64).allMatch(o -> o == current[keyId]);
  }

  /** Counts the changes of a frame's bytes and owners. */
  public long version(int frame) {
    return versions[frame];
  }

  /** Returns what a read gives, or null when it ends in a machine check. */
  public byte @Nullable [] read(long hpa, int keyId, int length) {
    byte[] result = new byte[length];
    for (int i = 0; i < length; ) {
      int inLine = (int) (hpa + i) % LINE;
      int part = Math.min(length - i, LINE - inLine);
      byte[] line = view((int) (hpa + i) / LINE, keyId);
      if (line == null) {
        return null;
      }
      System.arraycopy(line, inLine, result, i, part);
      i += part;
    }
    return result;
  }

  /** Writes; returns false when it ends in a machine check part of the way. */
  public boolean write(long hpa, int keyId, byte[] bytes) {
    for (int i = 0; i < bytes.length; ) {
      int index = (int) (hpa + i) / LINE;
      int inLine = (int) (hpa + i) % LINE;
      int part = Math.min(bytes.length - i, LINE - inLine);
      byte[] line = part == LINE ? new byte[LINE] : view(index, keyId);
      if (line == null) {
        return false;
      }
      System.arraycopy(bytes, i, line, inLine, part);
      if (!Arrays.equals(plain[index], line) || owners[index] != current[keyId]) {
        versions[index / 64]++;
      }
      plain[index] = line;
      owners[index] = current[keyId];
      i += part;
    }
    return true;
  }

  private byte @Nullable [] view(int index, int keyId) {
    byte[] line = plain[index].clone();
    if (owners[index] == current[keyId]) {
      return line;
    }
    if (layout.isTdx(keyId)) {
      return null;
    }
    AesXts owner = owners[index].cipher;
    if (owner != null) {
      owner.encrypt(index, line);
    }
    AesXts reader = current[keyId].cipher;
    if (reader != null) {
      reader.decrypt(index, line);
    }
    return line;
  }

  /** Little-endian bytes to a number. */
  public static long toLong(byte[] bytes) {
    long value = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  /** A number to its low little-endian bytes. */
  public static byte[] toBytes(long value, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> 8 * i);
    }
    return bytes;
  }
}
