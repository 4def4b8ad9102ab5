package org.swtdx.cpu.silicon;

import org.swtdx.cpu.core.Insn;

/** Which instructions are not compared, or not wholly: what is undefined or cannot run here. */
final class Exclusions {
  static final int CF = 1;
  static final int PF = 4;
  static final int AF = 0x10;
  static final int ZF = 0x40;
  static final int SF = 0x80;
  static final int DF = 0x400;
  static final int OF = 0x800;
  static final int ALL = CF | PF | AF | ZF | SF | DF | OF;

  private Exclusions() {}

  static boolean isString(CaseGenerator.Cell c) {
    return !c.vex()
        && c.map() == 0
        && (c.opcode() >= 0xa4 && c.opcode() <= 0xa7 || c.opcode() >= 0xaa && c.opcode() <= 0xaf);
  }

  static boolean isFrame(CaseGenerator.Cell c) {
    return !c.vex() && c.map() == 0 && (c.opcode() == 0xc8 || c.opcode() == 0xc9);
  }

  static boolean isBitString(CaseGenerator.Cell c) {
    return !c.vex()
        && c.map() == 1
        && (c.opcode() == 0xa3 || c.opcode() == 0xab || c.opcode() == 0xb3 || c.opcode() == 0xbb);
  }

  static boolean isGather(CaseGenerator.Cell c) {
    return c.vex() && c.map() == 2 && c.opcode() >= 0x90 && c.opcode() <= 0x93;
  }

  static boolean isGroup(CaseGenerator.Cell c) {
    int op = c.opcode();
    return c.map() == 1 && (op >= 0x71 && op <= 0x73 || op == 0xae || op == 0xba || op == 0xc7);
  }

  /** Opcodes left out altogether. */
  static boolean excluded(CaseGenerator.Cell c) {
    int op = c.opcode();
    if (c.vex()) {
      return false;
    }
    if (c.map() == 0) {
      return switch (op) {
        // Prefixes and escapes.
        case 0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
        case 0xc4, 0xc5, 0x62, 0x8f -> true;
        // Control flow, interrupts, I/O, flags that matter to the system, moffs, XLAT.
        case 0x9a, 0x9c, 0x9d, 0xc2, 0xc3, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd7 -> true;
        case 0xe0, 0xe1, 0xe2, 0xe3, 0xe8, 0xe9, 0xea, 0xeb, 0xf1, 0xf4, 0xfa, 0xfb -> true;
        case 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0x6c, 0x6d, 0x6e, 0x6f -> true;
        case 0xa0, 0xa1, 0xa2, 0xa3, 0x8c, 0x8e -> true;
        case 0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f -> true;
        case 0x90 -> c.prefix() == 2;
        default -> op >= 0x40 && op <= 0x4f || op >= 0x70 && op <= 0x7f;
      };
    }
    if (c.map() == 1) {
      return switch (op) {
        case 0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x0d, 0xb9, 0xff -> true;
        case 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x38, 0x3a -> true;
        case 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x37, 0xa0, 0xa1, 0xa8, 0xa9, 0xaa, 0xa2 -> true;
        // Approximations, whose low bits differ from one processor to the next.
        case 0x52, 0x53 -> true;
        case 0xb2, 0xb4, 0xb5 -> true;
        default -> op >= 0x20 && op <= 0x27 || op >= 0x80 && op <= 0x8f;
      };
    }
    // INVPCID, MOVDIRI, MOVDIR64B.
    return c.map() == 2 && (op >= 0x80 && op <= 0x82 || op == 0xf8 || op == 0xf9);
  }

  /** Instructions left out once decoded. */
  static boolean excluded(CaseGenerator.Cell c, Insn i) {
    int e = i.extension();
    if (i.addressSize == 4 && i.memory && i.base == 4) {
      return true;
    }
    if (c.vex()) {
      boolean approximation = c.map() == 1 && (c.opcode() == 0x52 || c.opcode() == 0x53);
      boolean group = c.map() == 1 && c.opcode() == 0xae;
      return approximation || group;
    }
    if (c.map() == 0) {
      return switch (c.opcode()) {
        case 0xff -> e >= 2 && e <= 5;
        case 0xc6, 0xc7 -> e == 7;
        case 0xc8 -> (i.immediate2 & 31) > 3 || (i.immediate & 0xffff) > 900 || i.has(Insn.OPSIZE);
        default -> false;
      };
    }
    if (c.map() == 1) {
      return switch (c.opcode()) {
        // FSGSBASE; CLWB and CLFLUSHOPT need CPUs that have them; RDRAND, RDSEED, XSAVES.
        case 0xae -> !i.memory && c.prefix() != 0;
        case 0xc7 -> !i.memory || e != 1 && e != 4;
        // CVTPI2PS from memory switches the x87 to MMX use on Intel's processors only.
        case 0x2a -> c.prefix() == 0 && i.memory;
        default -> false;
      };
    }
    return false;
  }

  /** The XSAVE family, which takes a mask in EDX:EAX. */
  static boolean isXsave(CaseGenerator.Cell c) {
    return !c.vex() && c.map() == 1 && (c.opcode() == 0xae || c.opcode() == 0xc7);
  }

  /** Whether an instruction stores or loads an image of the x87 or extended state. */
  static boolean image(CaseGenerator.Cell c, Insn i) {
    int e = i.extension();
    if (c.vex() || !i.memory) {
      return false;
    }
    if (c.map() == 0) {
      return (c.opcode() == 0xd9 || c.opcode() == 0xdd) && (e == 4 || e == 6);
    }
    boolean area = c.opcode() == 0xae && (e == 0 || e == 1 || e >= 4 && e <= 6);
    return c.map() == 1 && c.prefix() == 0 && (area || c.opcode() == 0xc7 && e == 4);
  }

  /** x87 functions that need only be right to one unit in the last place. */
  static boolean transcendental(CaseGenerator.Cell c, Insn i) {
    if (c.vex() || c.map() != 0 || c.opcode() != 0xd9 || i.memory) {
      return false;
    }
    return switch (i.modrm) {
      case 0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff -> true;
      default -> false;
    };
  }

  /** The flags that an instruction leaves defined. */
  static long definedFlags(CaseGenerator.Cell c, Insn i, MachineState before) {
    int op = c.opcode();
    int e = i.extension();
    if (c.vex()) {
      if (c.map() == 2) {
        return switch (op) {
          case 0xf2 -> ALL & ~(AF | PF);
          case 0xf3, 0xf5 -> ALL & ~(AF | PF);
          case 0xf7 -> c.prefix() == 0 ? ALL & ~(AF | SF | PF) : ALL;
          default -> ALL;
        };
      }
      return ALL;
    }
    if (c.map() == 0) {
      return oneByte(op, e, i, before);
    }
    if (c.map() == 1) {
      return switch (op) {
        case 0xa3, 0xab, 0xb3, 0xbb, 0xba -> CF | ZF | DF;
        case 0xa4, 0xac -> doubleShift((int) i.immediate, i);
        case 0xa5, 0xad -> doubleShift((int) before.gpr[1], i);
        case 0xaf -> CF | OF | DF;
        case 0xbc, 0xbd -> c.prefix() == 2 ? CF | ZF | DF : ZF | DF;
        default -> ALL;
      };
    }
    return ALL;
  }

  private static long doubleShift(int raw, Insn i) {
    int count = raw & (i.size == 8 ? 63 : 31);
    return count == 0 ? ALL : count == 1 ? ALL & ~AF : ALL & ~(AF | OF);
  }

  /** The x87 status bits that vendors agree on: C1 after FCOMI and its like is not among them. */
  static int definedStatus(CaseGenerator.Cell c, Insn i) {
    boolean toFlags =
        !c.vex()
            && c.map() == 0
            && !i.memory
            && (c.opcode() == 0xdb || c.opcode() == 0xdf)
            && (i.extension() == 5 || i.extension() == 6);
    return toFlags ? 0xfdff : 0xffff;
  }

  /** The SHA instructions fault on misaligned operands on Intel's processors only. */
  static boolean alignmentDiffers(CaseGenerator.Cell c) {
    boolean sha = c.opcode() >= 0xc8 && c.opcode() <= 0xcd;
    return !c.vex() && c.prefix() == 0 && sha && c.map() >= 2;
  }

  /** SHLD and SHRD of 16 bits by more than 16 leave everything undefined. */
  static boolean undefinedResult(CaseGenerator.Cell c, Insn i, MachineState before) {
    if (c.vex() || c.map() != 1) {
      return false;
    }
    return switch (c.opcode()) {
      case 0xa4, 0xac -> i.size == 2 && (i.immediate & 31) > 16;
      case 0xa5, 0xad -> i.size == 2 && (before.gpr[1] & 31) > 16;
      default -> false;
    };
  }

  private static long oneByte(int op, int e, Insn i, MachineState before) {
    if (op < 0x40 && (op & 7) < 6) {
      int operation = op >> 3;
      boolean logic = operation == 1 || operation == 4 || operation == 6;
      return logic ? ALL & ~AF : ALL;
    }
    return switch (op) {
      case 0x80, 0x81, 0x83 -> e == 1 || e == 4 || e == 6 ? ALL & ~AF : ALL;
      case 0x84, 0x85, 0xa8, 0xa9 -> ALL & ~AF;
      case 0x69, 0x6b -> CF | OF | DF;
      case 0xc0, 0xc1 -> shift(e, (int) i.immediate, i);
      case 0xd0, 0xd1 -> shift(e, 1, i);
      case 0xd2, 0xd3 -> shift(e, (int) before.gpr[1], i);
      case 0xf6, 0xf7 ->
          switch (e) {
            case 0, 1 -> ALL & ~AF;
            case 4, 5 -> CF | OF | DF;
            case 6, 7 -> DF;
            default -> ALL;
          };
      default -> ALL;
    };
  }

  private static long shift(int e, int raw, Insn i) {
    int count = raw & (i.size == 8 ? 63 : 31);
    if (count == 0) {
      return ALL;
    }
    long overflow = count == 1 ? 0 : OF;
    if (e < 4) {
      return ALL & ~overflow;
    }
    long carry = count >= 8 * i.size && e != 7 ? CF : 0;
    return ALL & ~overflow & ~AF & ~carry;
  }
}
