package org.swtdx.tdxmodule.measure;

import java.nio.charset.StandardCharsets;

/**
 * TEE_TCB_INFO, the 239 bytes of a TDREPORT that identify the TDX module itself. MRSEAM is swtdx's
 * own constant, the hash of the module's name and ABI version, since there is no signed module
 * image to measure; MRSIGNERSEAM is zero as for every module that Intel signed.
 */
public final class TeeTcbInfo {
  /** Bytes of the structure. */
  public static final int SIZE = 239;

  private static final String MODULE_IDENTITY = "swtdx TDX module, ABI 1.5";

  private static final int VALID = 0;
  private static final int TEE_TCB_SVN = 8;
  private static final int MRSEAM = 24;
  private static final int TEE_TCB_SVN2 = 128;

  // Bit i says that the eight bytes at 8*i are valid: VALID, TEE_TCB_SVN, MRSEAM, TEE_TCB_SVN2.
  private static final long VALID_FIELDS = 0x301ff;

  private TeeTcbInfo() {}

  /** Returns the structure of this module. */
  public static byte[] encode() {
    byte[] bytes = new byte[SIZE];
    LittleEndian.put64(bytes, VALID, VALID_FIELDS);
    putSvn(bytes, TEE_TCB_SVN);
    System.arraycopy(mrSeam(), 0, bytes, MRSEAM, Sha384.SIZE);
    putSvn(bytes, TEE_TCB_SVN2);
    return bytes;
  }

  /** Returns the measurement that stands for this module. */
  public static byte[] mrSeam() {
    return Sha384.of(MODULE_IDENTITY.getBytes(StandardCharsets.US_ASCII));
  }

  private static void putSvn(byte[] bytes, int offset) {
    bytes[offset] = 1; // security version of the module
    bytes[offset + 1] = 1; // generation of the module: TDX 1.x
  }
}
