package org.swtdx.cpu.decode;

/**
 * What the length and the operand size of an opcode depend on, per map: SDM Vol. 2D, appendix A.
 * One int of attribute bits per opcode.
 */
final class Encoding {
  /** A ModRM byte follows. */
  static final int MODRM = 1;

  /** Operands are bytes. */
  static final int BYTE = 2;

  /** In 64-bit mode the operand size is 64 bits, or 16 with prefix 66. */
  static final int DEFAULT64 = 4;

  /** In 64-bit mode the operand size is 64 bits whatever the prefixes. */
  static final int FORCE64 = 8;

  /** An immediate byte, sign-extended. */
  static final int IMM8 = 0x10;

  /** An immediate word. */
  static final int IMM16 = 0x20;

  /** An immediate of the operand size, at most 4 bytes. */
  static final int IMM_Z = 0x40;

  /** An immediate of the operand size. */
  static final int IMM_V = 0x80;

  /** A displacement byte of a branch. */
  static final int REL8 = 0x100;

  /** A displacement of a branch, 2 or 4 bytes by operand size. */
  static final int REL_Z = 0x200;

  /** An absolute offset of the address size. */
  static final int MOFFS = 0x400;

  /** A far pointer: offset of the operand size, then a selector word. */
  static final int FAR = 0x800;

  /** An immediate word, then an immediate byte (ENTER). */
  static final int IMM16_8 = 0x1000;

  /** The low opcode bits name a register, which becomes the rm operand. */
  static final int OPCODE_REGISTER = 0x2000;

  /** ModRM.mod is ignored: always a register. */
  static final int REGISTER_ONLY = 0x4000;

  /** The immediate is present for extensions 0 and 1 only (TEST in group 3). */
  static final int GROUP3 = 0x8000;

  private static final int[][] MAPS = {oneByte(), map0F(), filled(MODRM), filled(MODRM | IMM8)};

  private Encoding() {}

  /** Attributes of a legacy or VEX opcode. */
  static int of(int map, int opcode) {
    return MAPS[map][opcode];
  }

  private static int[] filled(int attributes) {
    int[] map = new int[256];
    set(map, 0, 255, attributes);
    return map;
  }

  private static void set(int[] map, int from, int to, int attributes) {
    for (int i = from; i <= to; i++) {
      map[i] |= attributes;
    }
  }

  private static void each(int[] map, int attributes, int... opcodes) {
    for (int opcode : opcodes) {
      map[opcode] |= attributes;
    }
  }

  private static int[] oneByte() {
    int[] m = new int[256];
    for (int row = 0; row < 0x40; row += 8) {
      set(m, row, row + 3, MODRM);
      each(m, BYTE, row, row + 2, row + 4);
      m[row + 4] |= IMM8;
      m[row + 5] |= IMM_Z;
    }
    set(m, 0x40, 0x4f, OPCODE_REGISTER);
    set(m, 0x50, 0x5f, OPCODE_REGISTER | DEFAULT64);
    each(m, MODRM, 0x62, 0x63);
    each(m, DEFAULT64 | IMM_Z, 0x68);
    each(m, DEFAULT64 | IMM8, 0x6a);
    each(m, MODRM | IMM_Z, 0x69, 0x81, 0xc7);
    each(m, MODRM | IMM8, 0x6b, 0x80, 0x82, 0x83, 0xc0, 0xc1, 0xc6);
    each(m, BYTE, 0x6c, 0x6e);
    set(m, 0x70, 0x7f, REL8 | FORCE64);
    set(m, 0x84, 0x8f, MODRM);
    each(m, BYTE, 0x80, 0x82, 0x84, 0x86, 0x88, 0x8a);
    m[0x8f] |= DEFAULT64;
    set(m, 0x90, 0x97, OPCODE_REGISTER);
    each(m, FAR, 0x9a, 0xea);
    each(m, DEFAULT64, 0x9c, 0x9d);
    set(m, 0xa0, 0xa3, MOFFS);
    each(m, BYTE, 0xa0, 0xa2, 0xa4, 0xa6, 0xa8, 0xaa, 0xac, 0xae);
    each(m, IMM8, 0xa8);
    each(m, IMM_Z, 0xa9);
    set(m, 0xb0, 0xb7, OPCODE_REGISTER | BYTE | IMM8);
    set(m, 0xb8, 0xbf, OPCODE_REGISTER | IMM_V);
    upper(m);
    return m;
  }

  private static void upper(int[] m) {
    each(m, BYTE, 0xc0, 0xc6);
    each(m, IMM16, 0xc2, 0xca);
    each(m, FORCE64, 0xc2, 0xc3);
    each(m, MODRM, 0xc4, 0xc5);
    each(m, DEFAULT64 | IMM16_8, 0xc8);
    each(m, DEFAULT64, 0xc9);
    each(m, IMM8, 0xcd, 0xd4, 0xd5, 0xe4, 0xe5, 0xe6, 0xe7);
    set(m, 0xd0, 0xd3, MODRM);
    each(m, BYTE, 0xd0, 0xd2);
    set(m, 0xd8, 0xdf, MODRM);
    set(m, 0xe0, 0xe3, REL8 | FORCE64);
    each(m, BYTE, 0xe4, 0xe6, 0xec, 0xee);
    each(m, REL_Z | FORCE64, 0xe8, 0xe9);
    each(m, REL8 | FORCE64, 0xeb);
    each(m, MODRM | GROUP3, 0xf6, 0xf7);
    each(m, BYTE | IMM8, 0xf6);
    each(m, IMM_Z, 0xf7);
    each(m, MODRM | BYTE, 0xfe);
    each(m, MODRM, 0xff);
  }

  private static int[] map0F() {
    int[] m = filled(MODRM);
    int[] plain = {0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0e, 0x0f, 0x77};
    for (int opcode : plain) {
      m[opcode] = 0;
    }
    for (int opcode = 0x30; opcode <= 0x37; opcode++) {
      m[opcode] = 0;
    }
    for (int opcode = 0x80; opcode <= 0x8f; opcode++) {
      m[opcode] = REL_Z | FORCE64;
    }
    int[] stack = {0xa0, 0xa1, 0xa8, 0xa9};
    for (int opcode : stack) {
      m[opcode] = DEFAULT64;
    }
    m[0xa2] = 0;
    m[0xaa] = 0;
    for (int opcode = 0xc8; opcode <= 0xcf; opcode++) {
      m[opcode] = OPCODE_REGISTER;
    }
    set(m, 0x20, 0x23, REGISTER_ONLY);
    set(m, 0x70, 0x73, IMM8);
    set(m, 0x90, 0x9f, BYTE);
    each(m, IMM8, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6);
    each(m, BYTE, 0xb0, 0xc0);
    return m;
  }
}
