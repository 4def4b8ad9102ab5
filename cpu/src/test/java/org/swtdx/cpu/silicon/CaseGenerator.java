package org.swtdx.cpu.silicon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.swtdx.cpu.core.Insn;

/**
 * Makes random instructions that our engine decodes, with all prefixes and operand forms, and
 * random states in which their memory operands lie in the scratch memory.
 */
final class CaseGenerator {
  /** An opcode place: VEX, map, mandatory prefix, opcode. */
  record Cell(boolean vex, int map, int prefix, int opcode) {
    String key(int extension) {
      boolean group = map == 0 || Exclusions.isGroup(this);
      return "%s%d.%s.%02x%s"
          .formatted(
              vex ? "vex" : "map",
              map,
              new String[] {"np", "66", "f3", "f2"}[prefix],
              opcode,
              group ? "/" + extension : "");
    }
  }

  private static final int[] PREFIX_BYTES = {0, 0x66, 0xf3, 0xf2};

  private final SoftProcessor soft;
  private final long scratch;
  private final SplittableRandom random;
  private final List<Cell> cells = new ArrayList<>();

  /** What {@link #next} made last. */
  Cell cell = new Cell(false, 0, 0, 0x90);

  Insn insn = Insn.NOTHING;

  CaseGenerator(SoftProcessor soft, long scratch, long seed, String filter) {
    this.soft = soft;
    this.scratch = scratch;
    this.random = new SplittableRandom(seed);
    Insn undefined = soft.decode(new byte[] {0x0f, 0x0b}, 0, 0);
    for (int vex = 0; vex < 2; vex++) {
      for (int map = vex; map < 4; map++) {
        for (int prefix = 0; prefix < 4; prefix++) {
          for (int opcode = 0; opcode < 256; opcode++) {
            Cell c = new Cell(vex == 1, map, prefix, opcode);
            if (!Exclusions.excluded(c)
                && (filter.isEmpty() || c.key(0).startsWith(filter))
                && defined(c, undefined)) {
              cells.add(c);
            }
          }
        }
      }
    }
  }

  private boolean defined(Cell c, Insn undefined) {
    for (int k = 0; k < 64; k++) {
      if (soft.decode(encode(c), 0, 0).handler != undefined.handler) {
        return true;
      }
    }
    return false;
  }

  int cells() {
    return cells.size();
  }

  /** Makes one instruction and the state to run it in; null when it cannot be run safely. */
  byte[] next(MachineState state, long rip) {
    for (; ; ) {
      cell = randomCell();
      byte[] code = encode(cell);
      insn = soft.decode(code, 0, rip);
      if (Exclusions.excluded(cell, insn)) {
        continue;
      }
      fill(state);
      if (place(state)) {
        return Arrays.copyOf(code, insn.length);
      }
    }
  }

  Cell randomCell() {
    return cells.get(random.nextInt(cells.size()));
  }

  byte[] encode(Cell c) {
    byte[] code = new byte[15];
    random.nextBytes(code);
    int n = 0;
    if (random.nextInt(24) == 0) {
      code[n++] = 0x67;
    }
    return c.vex ? vex(c, code, n) : legacy(c, code, n);
  }

  private byte[] legacy(Cell c, byte[] code, int n) {
    if (random.nextInt(40) == 0) {
      code[n++] = (byte) 0xf0;
    }
    if (c.prefix > 1 && random.nextInt(16) == 0) {
      code[n++] = 0x66;
    }
    if (c.prefix != 0) {
      code[n++] = (byte) PREFIX_BYTES[c.prefix];
    }
    if (random.nextInt(2) == 0) {
      code[n++] = (byte) (0x40 | random.nextInt(16));
    }
    if (c.map > 0) {
      code[n++] = 0x0f;
    }
    if (c.map > 1) {
      code[n++] = (byte) (c.map == 2 ? 0x38 : 0x3a);
    }
    code[n++] = (byte) c.opcode;
    return modrm(code, n);
  }

  private byte[] vex(Cell c, byte[] code, int n) {
    code[n++] = (byte) 0xc4;
    code[n++] = (byte) (random.nextInt(8) << 5 | c.map);
    int vvvv = random.nextInt(3) == 0 ? 15 : random.nextInt(16);
    code[n++] =
        (byte) (random.nextInt(4) << 7 & 0x80 | vvvv << 3 | random.nextInt(2) << 2 | c.prefix);
    code[n++] = (byte) c.opcode;
    if (Exclusions.isGather(c)) {
      code[n] = (byte) (random.nextInt(3) << 6 | code[n] & 0x38 | 4);
      return code;
    }
    return modrm(code, n);
  }

  /** Half of the operands are registers; RIP-relative ones become register forms. */
  private byte[] modrm(byte[] code, int n) {
    int b = random.nextInt(256);
    if (random.nextBoolean() || (b & 0xc7) == 5) {
      b |= 0xc0;
    }
    code[n] = (byte) b;
    return code;
  }

  void fill(MachineState s) {
    for (int k = 0; k < 16; k++) {
      s.gpr[k] = Values.integer(random);
    }
    for (int k = 0; k < 64; k++) {
      s.vec[k] = Values.vector(random);
    }
    for (int k = 0; k < 8; k++) {
      Values.extended(random, s, k);
    }
    for (int k = 0; k < s.memory.length; k++) {
      s.memory[k] = random.nextLong();
    }
    s.flags = 0x202 | random.nextInt() & 0x8d5 | (random.nextInt(8) == 0 ? 0x400 : 0);
    s.mxcsr = Values.mxcsr(random);
    Values.control(random, s);
  }

  /** Points implicit and explicit memory operands into the scratch memory. */
  private boolean place(MachineState s) {
    s.gpr[4] = target(64) + (random.nextInt(8) == 0 ? random.nextInt(16) : 0);
    if (Exclusions.isString(cell)) {
      s.gpr[6] = target(8) + random.nextInt(8);
      s.gpr[7] = target(8) + random.nextInt(8);
      s.gpr[1] = random.nextInt(12);
      return insn.addressSize != 2;
    }
    if (Exclusions.isFrame(cell)) {
      s.gpr[5] = target(64);
    }
    if (cell.map() == 1 && cell.opcode() == 0xf7) {
      s.gpr[7] = target(16) + random.nextInt(16);
    }
    if (!insn.memory) {
      return true;
    }
    if (insn.base == Insn.NONE) {
      return false;
    }
    if (Exclusions.isGather(cell)) {
      placeIndices(s);
      return insn.base != 4;
    }
    int alignment = random.nextInt(6) == 0 ? 1 : 64;
    long target = target(alignment);
    if (Exclusions.isXsave(cell)) {
      s.gpr[0] = random.nextInt(8);
      s.gpr[2] = 0;
      if (insn.base == 0 || insn.base == 2 || insn.index == 0 || insn.index == 2) {
        return false;
      }
    }
    if (Exclusions.isBitString(cell)) {
      if (insn.reg == insn.base || insn.reg == insn.index || insn.reg == 4) {
        return false;
      }
      s.gpr[insn.reg] = random.nextInt(-8000, 8000);
    }
    if (insn.index != Insn.NONE && insn.index != insn.base) {
      if (insn.index == 4) {
        return false;
      }
      s.gpr[insn.index] = random.nextInt(-100, 100);
      target -= s.gpr[insn.index] << insn.scale;
    } else if (insn.index == insn.base) {
      return false;
    }
    s.gpr[insn.base] = target - insn.displacement;
    if (insn.base == 4 && (s.gpr[4] & 7) != 0) {
      return false;
    }
    long address =
        s.gpr[insn.base]
            + insn.displacement
            + (insn.index == Insn.NONE ? 0 : s.gpr[insn.index] << insn.scale);
    operandValues(s, address);
    if (Exclusions.image(cell, insn)) {
      Images.fill(random, s, (int) (address - scratch), cell, insn);
    }
    return insn.base != 4 || inside(s.gpr[4]);
  }

  /** Small vector indices, so that every element of a gather is in the scratch memory. */
  private void placeIndices(MachineState s) {
    boolean wide = (cell.opcode & 1) != 0;
    for (int k = 0; k < 4; k++) {
      long index = random.nextInt(-100, 100);
      long other = random.nextInt(-100, 100);
      s.vec[4 * insn.index + k] = wide ? index : index & 0xffff_ffffL | other << 32;
    }
    s.gpr[insn.base] = target(1) - insn.displacement;
  }

  boolean inside(long address) {
    return address >= scratch + 1024 && address < scratch + NativeProcessor.SCRATCH_SIZE - 1024;
  }

  /** Puts interesting values where the operand is. */
  private void operandValues(MachineState s, long address) {
    int first = (int) (address - scratch) / 8;
    boolean x87 = !cell.vex && cell.map == 0 && (cell.opcode & 0xf8) == 0xd8;
    for (int k = first; k < first + 4; k++) {
      s.memory[k] = x87 || cell.map > 0 ? Values.vector(random) : Values.integer(random);
    }
  }

  long target(int alignment) {
    int offset = 2048 + random.nextInt(4000);
    return scratch + (alignment > 1 ? offset & -alignment : offset);
  }
}
