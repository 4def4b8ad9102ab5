package org.swtdx.tdxmodule.measure;

import java.security.MessageDigest;
import java.util.Arrays;
import org.swtdx.memory.seam.PhysicalBus;

/**
 * The build-time measurement of a TD: SHA-384 over one 128-byte block per TDH.MEM.PAGE.ADD and, per
 * TDH.MR.EXTEND, one such block followed by the 256 bytes measured. Records are collected and
 * hashed many at a time, since the JDK's digest is fastest on long runs. One thread at a time, as
 * the exclusive TDR lock of those leaves ensures.
 */
public final class Mrtd {
  /** Bytes that one TDH.MR.EXTEND measures. */
  public static final int CHUNK = 256;

  private static final int BLOCK = 128;
  private static final int GPA_OFFSET = 16;
  private static final int PAGE_RECORD = BLOCK + 16 * (BLOCK + CHUNK);
  private static final long ADD_LOW = ascii("MEM.PAGE");
  private static final long ADD_HIGH = ascii(".ADD");
  private static final long EXTEND_LOW = ascii("MR.EXTEN");
  private static final long EXTEND_HIGH = ascii("D");

  private final MessageDigest digest = Sha384.start();
  private final byte[] pending = new byte[4 * PAGE_RECORD];
  private int length;

  /** Creates an empty measurement. */
  public Mrtd() {}

  /** Measures that a page was added at {@code gpa}; its contents are not part of this. */
  public void addPage(long gpa) {
    reserve(BLOCK);
    block(ADD_LOW, ADD_HIGH, gpa);
  }

  /** Measures the {@link #CHUNK} bytes at {@code keyedHpa}, which a guest sees at {@code gpa}. */
  public void extend(long gpa, PhysicalBus bus, long keyedHpa) {
    reserve(BLOCK + CHUNK);
    // Read first: a poisoned line leaves by exception and must not leave half a record behind.
    bus.read(keyedHpa, pending, length + BLOCK, CHUNK);
    block(EXTEND_LOW, EXTEND_HIGH, gpa);
    length += CHUNK;
  }

  /**
   * Measures {@link #CHUNK} bytes of {@code data} from {@code offset} as the chunk at {@code gpa}.
   */
  public void extend(long gpa, byte[] data, int offset) {
    reserve(BLOCK + CHUNK);
    block(EXTEND_LOW, EXTEND_HIGH, gpa);
    System.arraycopy(data, offset, pending, length, CHUNK);
    length += CHUNK;
  }

  /** Ends the measurement and returns its 48 bytes; the object is empty again afterwards. */
  public byte[] finish() {
    flush();
    return digest.digest();
  }

  private void reserve(int bytes) {
    if (length + bytes > pending.length) {
      flush();
    }
  }

  private void flush() {
    digest.update(pending, 0, length);
    length = 0;
  }

  private void block(long nameLow, long nameHigh, long gpa) {
    LittleEndian.put64(pending, length, nameLow);
    LittleEndian.put64(pending, length + 8, nameHigh);
    LittleEndian.put64(pending, length + GPA_OFFSET, gpa);
    Arrays.fill(pending, length + GPA_OFFSET + 8, length + BLOCK, (byte) 0);
    length += BLOCK;
  }

  private static long ascii(String text) {
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      value |= (long) text.charAt(i) << 8 * i;
    }
    return value;
  }
}
