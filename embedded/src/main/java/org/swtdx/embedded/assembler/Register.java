package org.swtdx.embedded.assembler;

/** A general-purpose register of 32 or 64 bits. */
public enum Register {
  /** Register 0, 32 bits. */
  EAX(0, false),
  /** Register 1, 32 bits. */
  ECX(1, false),
  /** Register 2, 32 bits. */
  EDX(2, false),
  /** Register 3, 32 bits. */
  EBX(3, false),
  /** Register 4, 32 bits. */
  ESP(4, false),
  /** Register 5, 32 bits. */
  EBP(5, false),
  /** Register 6, 32 bits. */
  ESI(6, false),
  /** Register 7, 32 bits. */
  EDI(7, false),
  /** Register 0, 64 bits. */
  RAX(0, true),
  /** Register 1, 64 bits. */
  RCX(1, true),
  /** Register 2, 64 bits. */
  RDX(2, true),
  /** Register 3, 64 bits. */
  RBX(3, true),
  /** Register 4, 64 bits. */
  RSP(4, true),
  /** Register 5, 64 bits. */
  RBP(5, true),
  /** Register 6, 64 bits. */
  RSI(6, true),
  /** Register 7, 64 bits. */
  RDI(7, true),
  /** Register 8, 64 bits. */
  R8(8, true),
  /** Register 9, 64 bits. */
  R9(9, true),
  /** Register 10, 64 bits. */
  R10(10, true),
  /** Register 11, 64 bits. */
  R11(11, true),
  /** Register 12, 64 bits. */
  R12(12, true),
  /** Register 13, 64 bits. */
  R13(13, true),
  /** Register 14, 64 bits. */
  R14(14, true),
  /** Register 15, 64 bits. */
  R15(15, true);

  private final int code;
  private final boolean is64;

  Register(int code, boolean is64) {
    this.code = code;
    this.is64 = is64;
  }

  /** The register's number, 0 to 15. */
  int code() {
    return code;
  }

  /** Whether it is one of 64 bits. */
  boolean is64() {
    return is64;
  }
}
