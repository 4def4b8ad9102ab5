package org.swtdx.cpu.decode;

/** The bytes of the instruction being decoded. */
public interface CodeReader {
  /**
   * Returns byte {@code offset} (0 to 14) of the instruction, zero-extended; faults as a fetch of
   * that byte would.
   */
  int byteAt(int offset);
}
