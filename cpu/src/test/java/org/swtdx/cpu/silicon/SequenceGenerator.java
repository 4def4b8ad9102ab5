package org.swtdx.cpu.silicon;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.swtdx.cpu.core.Insn;

/**
 * Makes short straight-line programs with forward jumps out of the instructions of {@link
 * CaseGenerator}. It runs along on our engine, so that every memory operand can be pointed into the
 * scratch memory by a MOV before its instruction, and nothing undefined is ever looked at.
 */
final class SequenceGenerator {
  private static final int MIN = 2, MAX = 8;
  private static final int ROOM = NativeProcessor.SLOT_SIZE - 64;
  private static final int RSP = 4;

  private final CaseGenerator cases;
  private final SoftProcessor soft;
  private final SplittableRandom random;
  private final byte[] code = new byte[NativeProcessor.SLOT_SIZE];
  private final MachineState now = new MachineState();
  private final MachineState next = new MachineState();
  private long rip;
  private int length;
  private boolean ended;

  /** The last instruction and the state it met: what is undefined of it is not compared. */
  final MachineState lastState = new MachineState();

  CaseGenerator.Cell lastCell = new CaseGenerator.Cell(false, 0, 0, 0x90);
  Insn lastInsn = Insn.NOTHING;

  SequenceGenerator(CaseGenerator cases, SoftProcessor soft, SplittableRandom random) {
    this.cases = cases;
    this.soft = soft;
    this.random = random;
  }

  /** Makes a program and the state to run it in. */
  byte[] next(MachineState state, long at, boolean maskErrors) {
    rip = at;
    length = 0;
    ended = false;
    cases.fill(state);
    state.gpr[RSP] = cases.target(64);
    if (maskErrors) {
      state.control |= 0x3f;
    }
    now.set(state);
    int count = MIN + random.nextInt(MAX - MIN + 1);
    for (int i = 0; i < count && !ended && length < ROOM; i++) {
      if (random.nextInt(6) == 0) {
        jump();
      } else {
        instruction(i == count - 1);
      }
    }
    return Arrays.copyOf(code, length);
  }

  private void append(byte[] bytes) {
    System.arraycopy(bytes, 0, code, length, bytes.length);
    length += bytes.length;
  }

  /** Runs what comes next on our engine; on a fault the program ends with it. */
  private boolean step(byte[] bytes) {
    next.set(now);
    soft.run(bytes, rip + length, now, next);
    return next.signal == 0;
  }

  private void accept(byte[] bytes) {
    append(bytes);
    now.set(next);
  }

  // Jumps.

  /** A conditional or plain jump over bytes that are code only when it is not taken. */
  private void jump() {
    int at = length;
    byte[] jump =
        switch (random.nextInt(8)) {
          case 0 -> new byte[] {(byte) 0xeb, 0};
          case 1 -> new byte[] {(byte) (0xe0 + random.nextInt(4)), 0};
          case 2 -> new byte[] {(byte) 0xe9, 0, 0, 0, 0};
          case 3 -> new byte[] {(byte) 0xe8, 0, 0, 0, 0};
          case 4 -> new byte[] {0x0f, (byte) (0x80 + random.nextInt(16)), 0, 0, 0, 0};
          default -> new byte[] {(byte) (0x70 + random.nextInt(16)), 0};
        };
    int displacement = jump.length == 2 ? 1 : jump.length - 4;
    jump[displacement] = 1;
    if (!step(jump)) {
      return;
    }
    boolean taken = soft.rip() != rip + length + jump.length;
    jump[displacement] = 0;
    accept(jump);
    if (taken) {
      byte[] skipped = new byte[random.nextInt(20)];
      random.nextBytes(skipped);
      append(skipped);
    } else {
      for (int i = random.nextInt(3); i > 0 && !ended && length < ROOM; i--) {
        instruction(false);
      }
    }
    int distance = length - at - jump.length;
    if (distance > 127) {
      throw new IllegalStateException("a jump too far");
    }
    code[at + displacement] = (byte) distance;
    if (jump[0] == (byte) 0xe8) {
      // the return address is the same, whatever the distance
      lastInsn = Insn.NOTHING;
    }
    remember(new CaseGenerator.Cell(false, 0, 0, 0x90), Insn.NOTHING);
  }

  private void remember(CaseGenerator.Cell cell, Insn insn) {
    lastCell = cell;
    lastInsn = insn;
    lastState.set(now);
  }

  // Instructions.

  private void instruction(boolean last) {
    for (int attempt = 0; attempt < 60; attempt++) {
      CaseGenerator.Cell cell = cases.randomCell();
      byte[] encoded = cases.encode(cell);
      Insn insn = soft.decode(encoded, 0, rip + length);
      byte[] bytes = Arrays.copyOf(encoded, insn.length);
      if (Exclusions.excluded(cell, insn) || Exclusions.image(cell, insn)) {
        continue;
      }
      if (place(cell, insn, last) && run(cell, bytes, last)) {
        return;
      }
    }
  }

  private boolean run(CaseGenerator.Cell cell, byte[] bytes, boolean last) {
    Insn insn = soft.decode(bytes, 0, rip + length);
    boolean open =
        Exclusions.transcendental(cell, insn) || Exclusions.definedStatus(cell, insn) != 0xffff;
    if (open && !last || Exclusions.undefinedResult(cell, insn, now)) {
      return false;
    }
    long defined = Exclusions.definedFlags(cell, insn, now);
    boolean fine = step(bytes);
    if (next.signal == 4 || !fine && Exclusions.alignmentDiffers(cell)) {
      return false;
    }
    if (!fine && !last && random.nextInt(4) != 0) {
      return false;
    }
    if (fine && !cases.inside(next.gpr[RSP])) {
      return false;
    }
    remember(cell, insn);
    accept(bytes);
    ended = !fine;
    if (fine && !last && defined != Exclusions.ALL) {
      // all status flags are defined again after CMP r32, r32
      byte[] compare = {0x39, (byte) (0xc0 | random.nextInt(64))};
      if (step(compare)) {
        remember(new CaseGenerator.Cell(false, 0, 0, 0x39), soft.decode(compare, 0, rip + length));
        accept(compare);
      }
    }
    return true;
  }

  /** Loads the registers that an instruction's memory operands need. */
  private boolean place(CaseGenerator.Cell cell, Insn insn, boolean last) {
    if (Exclusions.isString(cell)) {
      return insn.addressSize != 2
          && move(6, cases.target(8))
          && move(7, cases.target(8))
          && move(1, random.nextInt(12));
    }
    if (Exclusions.isFrame(cell)) {
      return move(5, cases.target(64));
    }
    if (cell.map() == 1 && cell.opcode() == 0xf7) {
      return move(7, cases.target(16));
    }
    if (!insn.memory) {
      return true;
    }
    boolean refused =
        insn.base == Insn.NONE
            || insn.base == RSP
            || insn.index == insn.base
            || Exclusions.isGather(cell)
            || Exclusions.isBitString(cell);
    if (refused) {
      return false;
    }
    if (insn.index != Insn.NONE && !move(insn.index, random.nextInt(-100, 100))) {
      return false;
    }
    long scaled = insn.index == Insn.NONE ? 0 : now.gpr[insn.index] << insn.scale;
    int alignment = last && random.nextInt(6) == 0 ? 1 : 64;
    return move(insn.base, cases.target(alignment) - scaled - insn.displacement);
  }

  /** MOV r64, imm64. */
  private boolean move(int register, long value) {
    if (register == RSP || length > ROOM) {
      return false;
    }
    byte[] bytes = new byte[10];
    bytes[0] = (byte) (0x48 | register >> 3);
    bytes[1] = (byte) (0xb8 | register & 7);
    for (int i = 0; i < 8; i++) {
      bytes[2 + i] = (byte) (value >>> 8 * i);
    }
    if (!step(bytes)) {
      return false;
    }
    accept(bytes);
    return true;
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(code, 0, length);
  }
}
