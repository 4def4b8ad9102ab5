package org.swtdx.cpu.decode;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;

/**
 * Decodes one instruction at a time: prefixes, REX, VEX, opcode, ModRM with all three address
 * sizes, immediates. Undefined opcodes and over-long instructions decode to an instruction that
 * raises the exception when it is executed. Single-threaded.
 */
public final class Decoder {
  private static final int MAX_LENGTH = 15;
  private static final Handler UNDEFINED =
      Handler.ending(
          (core, insn) -> {
            throw core.raise(Core.UD);
          });
  private static final Handler TOO_LONG =
      Handler.ending(
          (core, insn) -> {
            throw core.raise(Core.GP, 0);
          });

  private final OpcodeTable table;

  private CodeReader in;
  private Insn insn = Insn.NOTHING;
  private int at;
  private int rex;
  private int segmentOverride;
  private boolean ripRelative;
  private boolean invalid;

  /** Creates a decoder whose instructions are executed by what {@code table} says. */
  public Decoder(OpcodeTable table) {
    this.table = table;
    this.in = offset -> 0;
  }

  /**
   * Decodes the instruction at {@code rip}.
   *
   * @param codeSize 16, 32 or 64
   * @param realMode whether in real-address or virtual-8086 mode, where VEX does not exist
   */
  public Insn decode(CodeReader reader, long rip, int codeSize, boolean realMode) {
    Insn result = new Insn(UNDEFINED);
    in = reader;
    insn = result;
    at = 0;
    rex = 0;
    segmentOverride = -1;
    ripRelative = false;
    invalid = false;
    result.rip = rip;
    result.codeSize = codeSize;
    boolean complete = decodeBody(realMode);
    result.length = at;
    if (!complete) {
      result.handler = TOO_LONG;
      return result;
    }
    if (ripRelative) {
      result.displacement += rip + at;
    }
    if (!invalid) {
      Handler handler = table.select(result);
      result.handler = handler == null ? UNDEFINED : handler;
    }
    return result;
  }

  /** Returns false when the instruction is longer than 15 bytes. */
  private boolean decodeBody(boolean realMode) {
    try {
      int opcode = prefixes();
      opcode = opcodeAndMap(opcode, realMode);
      insn.opcode = opcode;
      int attributes = Encoding.of(insn.map, opcode);
      sizes(attributes);
      if ((attributes & Encoding.MODRM) != 0) {
        modrm(attributes);
      } else {
        insn.rm = opcode & 7 | (rex & 1) << 3;
        insn.segment = segmentOverride >= 0 ? segmentOverride : SegmentRegister.DS;
      }
      lateSize();
      immediates(attributes);
      return true;
    } catch (TooLong e) {
      return false;
    }
  }

  private int next() {
    if (at >= MAX_LENGTH) {
      throw TooLong.INSTANCE;
    }
    int value = in.byteAt(at);
    at++;
    return value;
  }

  private long signed(int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) next() << (8 * i);
    }
    int shift = 64 - 8 * bytes;
    return value << shift >> shift;
  }

  private int prefixes() {
    boolean code64 = insn.codeSize == 64;
    for (; ; ) {
      int b = next();
      switch (b) {
        case 0x26, 0x2e, 0x36, 0x3e -> {
          if (!code64) {
            segmentOverride = b >> 3 & 3;
          }
        }
        case 0x64, 0x65 -> segmentOverride = b - 0x64 + SegmentRegister.FS;
        case 0x66 -> insn.prefixes |= Insn.OPSIZE;
        case 0x67 -> insn.prefixes |= Insn.ADDRSIZE;
        case 0xf0 -> insn.prefixes |= Insn.LOCK;
        case 0xf2 -> insn.prefixes = insn.prefixes & ~Insn.REP | Insn.REPNE;
        case 0xf3 -> insn.prefixes = insn.prefixes & ~Insn.REPNE | Insn.REP;
        default -> {
          if (code64 && (b & 0xf0) == 0x40) {
            rex = b;
            int opcode = in.byteAt(checked(at));
            if (isPrefix(opcode)) {
              rex = 0;
              continue;
            }
            at++;
            insn.prefixes |= Insn.REX | ((b & 8) != 0 ? Insn.W : 0);
            return opcode;
          }
          return b;
        }
      }
    }
  }

  private static int checked(int offset) {
    if (offset >= MAX_LENGTH) {
      throw TooLong.INSTANCE;
    }
    return offset;
  }

  private static boolean isPrefix(int b) {
    return switch (b) {
      case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
      default -> (b & 0xf0) == 0x40;
    };
  }

  private int opcodeAndMap(int first, boolean realMode) {
    if (insn.has(Insn.REP)) {
      insn.simdPrefix = OpcodeTable.F3;
    } else if (insn.has(Insn.REPNE)) {
      insn.simdPrefix = OpcodeTable.F2;
    } else if (insn.has(Insn.OPSIZE)) {
      insn.simdPrefix = OpcodeTable.P66;
    }
    if (first == 0x0f) {
      int second = next();
      if (second == 0x38 || second == 0x3a) {
        insn.map = second == 0x38 ? OpcodeTable.MAP_0F38 : OpcodeTable.MAP_0F3A;
        return next();
      }
      insn.map = OpcodeTable.MAP_0F;
      return second;
    }
    if (first == 0xc4 || first == 0xc5 || first == 0x62) {
      boolean isVector = insn.codeSize == 64 || in.byteAt(checked(at)) >= 0xc0;
      if (isVector) {
        invalid = realMode || first == 0x62 || has66F2F3LockRex();
        if (first != 0x62) {
          return vex(first);
        }
      }
    }
    return first;
  }

  private boolean has66F2F3LockRex() {
    return insn.has(Insn.OPSIZE | Insn.REP | Insn.REPNE | Insn.LOCK | Insn.REX);
  }

  private int vex(int first) {
    boolean code64 = insn.codeSize == 64;
    int b = next();
    rex = (b & 0x80) == 0 ? 4 : 0;
    insn.map = OpcodeTable.MAP_0F;
    int last = b;
    insn.prefixes |= Insn.VEX;
    if (first == 0xc4) {
      rex |= ((b & 0x40) == 0 ? 2 : 0) | ((b & 0x20) == 0 ? 1 : 0);
      int map = b & 0x1f;
      invalid |= map == 0 || map > 3;
      insn.map = map & 3;
      last = next();
      if ((last & 0x80) != 0) {
        insn.prefixes |= Insn.W;
      }
    }
    if (!code64) {
      rex = 0;
    }
    insn.vvvv = ~last >> 3 & (code64 ? 15 : 7);
    insn.vectorLength = last >> 2 & 1;
    insn.simdPrefix = last & 3;
    return next();
  }

  private void sizes(int attributes) {
    boolean opsize = insn.has(Insn.OPSIZE);
    boolean addrsize = insn.has(Insn.ADDRSIZE);
    switch (insn.codeSize) {
      case 64 -> {
        insn.size = insn.has(Insn.W) ? 8 : opsize ? 2 : 4;
        insn.addressSize = addrsize ? 4 : 8;
        if ((attributes & Encoding.FORCE64) != 0) {
          insn.size = 8;
        } else if ((attributes & Encoding.DEFAULT64) != 0) {
          insn.size = opsize && !insn.has(Insn.W) ? 2 : 8;
        }
      }
      case 32 -> {
        insn.size = opsize ? 2 : 4;
        insn.addressSize = addrsize ? 2 : 4;
      }
      default -> {
        insn.size = opsize ? 4 : 2;
        insn.addressSize = addrsize ? 4 : 2;
      }
    }
    if ((attributes & Encoding.BYTE) != 0) {
      insn.size = 1;
    }
    insn.addressMask = insn.addressSize == 8 ? -1 : insn.addressSize == 4 ? 0xffffffffL : 0xffff;
  }

  /** Group 5 has a default operand size of its own for its stack and branch members. */
  private void lateSize() {
    if (insn.map == 0 && insn.opcode == 0xff && insn.codeSize == 64) {
      switch (insn.extension()) {
        case 2, 4 -> insn.size = 8;
        case 6 -> insn.size = insn.has(Insn.OPSIZE) && !insn.has(Insn.W) ? 2 : 8;
        default -> {}
      }
    }
  }

  private void modrm(int attributes) {
    int b = next();
    insn.modrm = b;
    insn.reg = b >> 3 & 7 | (rex & 4) << 1;
    insn.segment = segmentOverride >= 0 ? segmentOverride : SegmentRegister.DS;
    if (b >= 0xc0 || (attributes & Encoding.REGISTER_ONLY) != 0) {
      insn.rm = b & 7 | (rex & 1) << 3;
      return;
    }
    insn.memory = true;
    if (insn.addressSize == 2) {
      memory16(b);
    } else {
      memory32(b);
    }
  }

  private void stackDefault() {
    if (segmentOverride < 0) {
      insn.segment = SegmentRegister.SS;
    }
  }

  private void memory16(int b) {
    int mod = b >> 6;
    int rm = b & 7;
    boolean direct = mod == 0 && rm == 6;
    if (!direct) {
      insn.base = "33556753".charAt(rm) - '0';
      if (rm < 4) {
        insn.index = 6 + (rm & 1);
      }
      if (insn.base == 5) {
        stackDefault();
      }
    }
    insn.displacement = direct || mod == 2 ? signed(2) : mod == 1 ? signed(1) : 0;
  }

  private void memory32(int b) {
    int mod = b >> 6;
    int base = b & 7;
    boolean none = false;
    if (base == 4) {
      int sib = next();
      insn.sib = sib;
      insn.scale = sib >> 6;
      int index = sib >> 3 & 7 | (rex & 2) << 2;
      insn.index = index == 4 ? Insn.NONE : index;
      base = sib & 7;
      none = base == 5 && mod == 0;
    } else if (base == 5 && mod == 0) {
      none = true;
      ripRelative = insn.codeSize == 64;
    }
    if (!none) {
      int register = base | (rex & 1) << 3;
      insn.base = register;
      if (register == 4 || register == 5) {
        stackDefault();
      }
    }
    insn.displacement = none || mod == 2 ? signed(4) : mod == 1 ? signed(1) : 0;
  }

  private void immediates(int attributes) {
    if ((attributes & Encoding.GROUP3) != 0 && insn.extension() > 1) {
      return;
    }
    int z = insn.has(Insn.W) ? 4 : Math.min(4, insn.size);
    if ((attributes & Encoding.IMM8) != 0) {
      insn.immediate = signed(1);
    } else if ((attributes & Encoding.IMM16) != 0) {
      insn.immediate = signed(2) & 0xffff;
    } else if ((attributes & Encoding.IMM_Z) != 0) {
      insn.immediate = signed(z);
    } else if ((attributes & Encoding.IMM_V) != 0) {
      insn.immediate = signed(insn.size);
    } else if ((attributes & Encoding.REL8) != 0) {
      insn.immediate = target(signed(1));
    } else if ((attributes & Encoding.REL_Z) != 0) {
      insn.immediate = target(signed(z));
    } else if ((attributes & Encoding.MOFFS) != 0) {
      insn.memory = true;
      insn.displacement = signed(insn.addressSize) & insn.addressMask;
    } else if ((attributes & Encoding.FAR) != 0) {
      insn.immediate = signed(z);
      insn.immediate2 = (int) signed(2) & 0xffff;
    } else if ((attributes & Encoding.IMM16_8) != 0) {
      insn.immediate = signed(2) & 0xffff;
      insn.immediate2 = (int) signed(1) & 0xff;
    }
  }

  private long target(long relative) {
    long target = insn.rip + at + relative;
    return insn.size == 8 ? target : insn.size == 4 ? target & 0xffffffffL : target & 0xffff;
  }

  /** Ends the decoding of an instruction beyond 15 bytes; never leaves this class. */
  private static final class TooLong extends RuntimeException {
    @java.io.Serial private static final long serialVersionUID = 1;

    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace
    static final TooLong INSTANCE = new TooLong();

    private TooLong() {
      super("instruction too long", null, false, false);
    }
  }
}
