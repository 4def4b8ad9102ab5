package org.swtdx.tdxmodule.measure;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The four run-time measurement registers of a TD: zero at first, each extended as {@code
 * SHA-384(old || data)}. Not synchronized; the RTMR lock of the extending leaf protects it.
 */
public final class RuntimeMeasurements {
  /** Number of registers. */
  public static final int COUNT = 4;

  private final byte[] registers = new byte[COUNT * Sha384.SIZE];

  /** Creates four registers of zero. */
  public RuntimeMeasurements() {}

  /** Extends register {@code index} (0 to 3) with 48 bytes of {@code data}. */
  public void extend(int index, byte[] data) {
    MessageDigest digest = Sha384.start();
    digest.update(registers, index * Sha384.SIZE, Sha384.SIZE);
    digest.update(data, 0, Sha384.SIZE);
    System.arraycopy(digest.digest(), 0, registers, index * Sha384.SIZE, Sha384.SIZE);
  }

  /** Returns a copy of register {@code index}. */
  public byte[] get(int index) {
    return Arrays.copyOfRange(registers, index * Sha384.SIZE, (index + 1) * Sha384.SIZE);
  }

  /**
   * Returns eight bytes of register {@code index}, {@code element} 0 to 5, as metadata has them.
   */
  public long element(int index, int element) {
    return LittleEndian.u64(registers, index * Sha384.SIZE + 8 * element);
  }

  /** Copies all registers, 192 bytes, into {@code target}. */
  public void copyTo(byte[] target, int offset) {
    System.arraycopy(registers, 0, target, offset, registers.length);
  }
}
