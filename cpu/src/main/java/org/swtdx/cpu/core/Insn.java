package org.swtdx.cpu.core;

/** One decoded instruction: operands resolved as far as they can be before execution. */
public final class Insn {
  /** {@link #base} or {@link #index} value: none, the register that is always zero. */
  public static final int NONE = Core.ZERO;

  /** An instruction that nothing executes. */
  public static final Insn NOTHING =
      new Insn(
          Handler.of(
              (core, insn) -> {
                throw core.raise(Core.UD);
              }));

  /** What executes it. */
  public Handler handler;

  /** Address (RIP, without CS base) of its first byte. */
  public long rip;

  /** Length in bytes, 1 to 15. */
  public int length;

  /** Opcode map: 0 one-byte, 1 0F, 2 0F38, 3 0F3A (VEX-encoded ones use the same numbers). */
  public int map;

  /** Opcode byte. */
  public int opcode;

  /** Mandatory-prefix selector of SIMD forms: 0 none, 1 66, 2 F3, 3 F2. */
  public int simdPrefix;

  /** ModRM.reg with REX.R (and VEX.R). */
  public int reg;

  /** ModRM.rm with REX.B when register form; meaningless for memory. */
  public int rm;

  /** Whether ModRM addresses memory. */
  public boolean memory;

  /** ModRM byte. */
  public int modrm;

  /** SIB byte, or 0; a gather's vector index is in it. */
  public int sib;

  /** Operand size in bytes: 1 (byte opcodes), 2, 4 or 8. */
  public int size;

  /** Address size in bytes: 2, 4 or 8. */
  public int addressSize;

  /** Effective segment register of the memory operand. */
  public int segment;

  /**
   * Base register or {@link #NONE}; RIP-relative operands are folded into {@link #displacement}.
   */
  public int base = NONE;

  /** Index register or {@link #NONE}. */
  public int index = NONE;

  /** Left shift of the index, 0 to 3. */
  public int scale;

  /** What an effective address is truncated with: 0xffff, 0xffffffff or all ones. */
  public long addressMask = -1;

  /** Displacement, sign-extended; the absolute address for RIP-relative operands. */
  public long displacement;

  /** Immediate, sign-extended as the instruction does; branch targets are absolute RIP values. */
  public long immediate;

  /** Second immediate (ENTER, far pointers, EXTRQ). */
  public int immediate2;

  /** Prefix bits: see the constants. */
  public int prefixes;

  /** Code size in bits of the mode it was decoded in: 16, 32 or 64. */
  public int codeSize;

  /** Whether decoded for 64-bit mode. */
  public boolean is64() {
    return codeSize == 64;
  }

  /** Whether a prefix bit (or any of several) is present. */
  public boolean has(int prefix) {
    return (prefixes & prefix) != 0;
  }

  /** ModRM.reg without REX, the opcode extension of groups. */
  public int extension() {
    return modrm >> 3 & 7;
  }

  /** Address of the instruction after it, truncated as the mode requires. */
  public long nextRip() {
    long next = rip + length;
    return codeSize == 64 ? next : codeSize == 32 ? next & 0xffffffffL : next & 0xffff;
  }

  /** Register operand that is written, as the instruction's family fills it in. */
  public int target;

  /** Register operand that is read, or {@link #NONE} when {@link #immediate} is the operand. */
  public int source = NONE;

  /** VEX.vvvv register, or 0. */
  public int vvvv;

  /** VEX.L: 0 for 128-bit, 1 for 256-bit. */
  public int vectorLength;

  /** {@link #prefixes} bit: LOCK. */
  public static final int LOCK = 1;

  /** {@link #prefixes} bit: REP/REPE (F3). */
  public static final int REP = 2;

  /** {@link #prefixes} bit: REPNE (F2). */
  public static final int REPNE = 4;

  /** {@link #prefixes} bit: any REX prefix (SPL, BPL, SIL, DIL instead of AH, CH, DH, BH). */
  public static final int REX = 8;

  /** {@link #prefixes} bit: REX.W or VEX.W. */
  public static final int W = 16;

  /** {@link #prefixes} bit: operand-size override 66. */
  public static final int OPSIZE = 32;

  /** {@link #prefixes} bit: VEX-encoded. */
  public static final int VEX = 64;

  /** {@link #prefixes} bit: address-size override 67. */
  public static final int ADDRSIZE = 128;

  /** Creates an instruction that {@code handler} executes. */
  public Insn(Handler handler) {
    this.handler = handler;
  }
}
