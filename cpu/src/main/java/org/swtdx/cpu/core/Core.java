package org.swtdx.cpu.core;

/**
 * The register file and the memory face of one guest processor, as instruction handlers use them.
 * One thread at a time.
 */
public final class Core {
  /** General-purpose registers by encoding. */
  public final long[] gpr = new long[16];

  /** Vector registers: YMM n is elements 4n (bits 63:0) to 4n+3 (bits 255:192). */
  public final long[] vec = new long[64];

  /** MXCSR. */
  public int mxcsr = 0x1f80;

  /** Instruction pointer; see {@link Handler#execute} for when it is current. */
  public long rip;

  /** Linear address of a memory operand, segment base added, limit and type checked for size. */
  public long address(Insn insn, int size, boolean write) {
    throw new UnsupportedOperationException();
  }

  /** Effective address (offset) of a memory operand, as LEA computes it. */
  public long effectiveAddress(Insn insn) {
    throw new UnsupportedOperationException();
  }

  /** Loads a byte at a linear address, zero-extended, with the current privilege. */
  public int load8(long linear) {
    throw new UnsupportedOperationException();
  }

  /** Loads two bytes, zero-extended. */
  public int load16(long linear) {
    throw new UnsupportedOperationException();
  }

  /** Loads four bytes. */
  public int load32(long linear) {
    throw new UnsupportedOperationException();
  }

  /** Loads eight bytes. */
  public long load64(long linear) {
    throw new UnsupportedOperationException();
  }

  /** Stores a byte. */
  public void store8(long linear, int value) {
    throw new UnsupportedOperationException();
  }

  /** Stores two bytes. */
  public void store16(long linear, int value) {
    throw new UnsupportedOperationException();
  }

  /** Stores four bytes. */
  public void store32(long linear, int value) {
    throw new UnsupportedOperationException();
  }

  /** Stores eight bytes. */
  public void store64(long linear, long value) {
    throw new UnsupportedOperationException();
  }

  /**
   * Checks that {@code size} bytes at {@code linear} can be written, faulting as the write would;
   * for stores of several parts that must happen as a whole or not at all.
   */
  public void probeWrite(long linear, int size) {
    throw new UnsupportedOperationException();
  }

  /** Raises an exception without an error code; does not return. */
  public GuestFault raise(int vector) {
    throw new UnsupportedOperationException();
  }

  /** Raises an exception with an error code; does not return. */
  public GuestFault raise(int vector, int errorCode) {
    throw new UnsupportedOperationException();
  }
}
