package org.swtdx.cpu.decode.objdump;

import java.io.ByteArrayOutputStream;
import java.util.SplittableRandom;

/**
 * One instruction of every place of the opcode maps in 64-bit mode: each mandatory prefix, REX.W or
 * VEX.W and VEX.L, memory and register operands, every ModRM.reg where it selects the instruction,
 * and every register form where ModRM as a whole does.
 */
final class InstructionSpace {
  private static final int NOP = 0x90;
  private static final int NOPS = 11;
  private static final int[] PREFIXES = {0, 0x66, 0xf3, 0xf2};

  private final SplittableRandom random = new SplittableRandom(64);
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private InstructionSpace() {}

  /** The code, each instruction followed by NOPs enough to find the next one. */
  static byte[] code() {
    InstructionSpace space = new InstructionSpace();
    for (int map = 0; map < 4; map++) {
      for (int opcode = 0; opcode < 256; opcode++) {
        for (int prefix = 0; prefix < 4; prefix++) {
          for (int wide = 0; wide < 2; wide++) {
            if (map > 0 || !isPrefix(opcode)) {
              space.legacy(map, prefix, opcode, wide);
            }
            if (map > 0) {
              space.vex(map, prefix, opcode, wide, 0);
              space.vex(map, prefix, opcode, wide, 1);
            }
          }
        }
      }
    }
    return space.bytes.toByteArray();
  }

  private static boolean isPrefix(int opcode) {
    return switch (opcode) {
      case 0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
      // FWAIT, which objdump joins with what follows; VEX, EVEX and XOP
      case 0x9b, 0xc4, 0xc5, 0x62, 0x8f -> true;
      default -> opcode >= 0x40 && opcode <= 0x4f;
    };
  }

  /** How many values of ModRM make a difference: one per form, per ModRM.reg, or all. */
  private static int variety(int map, int opcode) {
    boolean x87 = map == 0 && (opcode & 0xf8) == 0xd8;
    boolean system =
        map == 1 && (opcode == 0x01 || opcode == 0x1e || opcode == 0xae || opcode == 0xc7);
    return x87 || system ? 72 : map < 2 || opcode == 0xf3 ? 16 : 2;
  }

  private int modrm(int variety, int i) {
    if (variety == 72) {
      return i < 8 ? i << 3 | 3 : 0xc0 + i - 8;
    }
    int reg = variety == 2 ? random.nextInt(8) : i >> 1;
    return (i & 1) == 0 ? reg << 3 | 3 : 0xc0 | reg << 3 | random.nextInt(8);
  }

  private void legacy(int map, int prefix, int opcode, int wide) {
    int variety = variety(map, opcode);
    for (int i = 0; i < variety; i++) {
      if (prefix != 0) {
        bytes.write(PREFIXES[prefix]);
      }
      if (wide != 0) {
        bytes.write(0x48);
      }
      if (map > 0) {
        bytes.write(0x0f);
      }
      if (map > 1) {
        bytes.write(map == 2 ? 0x38 : 0x3a);
      }
      bytes.write(opcode);
      bytes.write(modrm(variety, i));
      nops();
    }
  }

  private void vex(int map, int prefix, int opcode, int wide, int length) {
    int variety = variety(map, opcode);
    for (int i = 0; i < variety; i++) {
      for (int vvvv : new int[] {15, 1}) {
        bytes.write(0xc4);
        bytes.write(0xe0 | map);
        bytes.write(wide << 7 | vvvv << 3 | length << 2 | prefix);
        bytes.write(opcode);
        bytes.write(modrm(variety, i));
        nops();
      }
    }
  }

  private void nops() {
    for (int i = 0; i < NOPS; i++) {
      bytes.write(NOP);
    }
  }
}
