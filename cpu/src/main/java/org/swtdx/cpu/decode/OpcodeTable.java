package org.swtdx.cpu.decode;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;

/**
 * Who executes which opcode: rows by map, mandatory prefix, opcode and, for groups, ModRM.reg. An
 * opcode that nobody registered is #UD. Several rows may share a place; the first whose factory
 * answers is taken.
 */
public final class OpcodeTable {
  /** Maps: one-byte, 0F, 0F38, 0F3A; the VEX maps have the same numbers. */
  public static final int ONE_BYTE = 0, MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3;

  /** Mandatory prefixes; {@link #ANY} when prefixes do not select the instruction. */
  public static final int NONE = 0, P66 = 1, F3 = 2, F2 = 3, ANY = -1;

  /** {@code extension} argument: ModRM.reg is an operand, not an opcode extension. */
  public static final int ALL = -1;

  private static final int CELLS = 2 * 4 * 4 * 256 * 8;

  private final @Nullable Row[] cells = new @Nullable Row[CELLS];
  private final BitSet lockable = new BitSet(CELLS);

  /** Creates an empty table. */
  public OpcodeTable() {}

  private record Row(HandlerFactory factory, @Nullable Row next) {}

  private static int cell(boolean vex, int map, int prefix, int opcode, int extension) {
    return ((((vex ? 4 : 0) + map) * 4 + prefix) * 256 + opcode) * 8 + extension;
  }

  private void add(
      boolean vex, int map, int prefix, int opcode, int extension, HandlerFactory factory) {
    for (int p = prefix == ANY ? 0 : prefix; p <= (prefix == ANY ? 3 : prefix); p++) {
      for (int e = extension == ALL ? 0 : extension; e <= (extension == ALL ? 7 : extension); e++) {
        int cell = cell(vex, map, p, opcode, e);
        cells[cell] = append(cells[cell], factory);
      }
    }
  }

  private static Row append(@Nullable Row row, HandlerFactory factory) {
    return row == null ? new Row(factory, null) : new Row(row.factory, append(row.next, factory));
  }

  /** Registers a legacy (or REX) encoded opcode. */
  public OpcodeTable legacy(int map, int prefix, int opcode, HandlerFactory factory) {
    add(false, map, prefix, opcode, ALL, factory);
    return this;
  }

  /** Registers a legacy encoded opcode of a group, selected by ModRM.reg without REX.R. */
  public OpcodeTable group(int map, int prefix, int opcode, int extension, HandlerFactory factory) {
    add(false, map, prefix, opcode, extension, factory);
    return this;
  }

  /** Registers a VEX encoded opcode; W, L and vvvv are the factory's to check. */
  public OpcodeTable vex(int map, int prefix, int opcode, HandlerFactory factory) {
    add(true, map, prefix, opcode, ALL, factory);
    return this;
  }

  /** Registers a VEX encoded opcode of a group, selected by ModRM.reg. */
  public OpcodeTable vexGroup(
      int map, int prefix, int opcode, int extension, HandlerFactory factory) {
    add(true, map, prefix, opcode, extension, factory);
    return this;
  }

  /** Allows LOCK with the memory form of an opcode; {@code extension} may be {@link #ALL}. */
  public OpcodeTable lockable(int map, int opcode, int extension) {
    for (int p = 0; p < 4; p++) {
      for (int e = 0; e < 8; e++) {
        if (extension == ALL || extension == e) {
          lockable.set(cell(false, map, p, opcode, e));
        }
      }
    }
    return this;
  }

  /** Returns the handler of a decoded instruction, or null when it is #UD. */
  @Nullable Handler select(Insn insn) {
    boolean vex = insn.has(Insn.VEX);
    int cell = cell(vex, insn.map, insn.simdPrefix, insn.opcode, insn.extension());
    if (insn.has(Insn.LOCK) && !(insn.memory && lockable.get(cell))) {
      return null;
    }
    for (Row row = cells[cell]; row != null; row = row.next) {
      Handler handler = row.factory.select(insn);
      if (handler != null) {
        return handler;
      }
    }
    return null;
  }
}
