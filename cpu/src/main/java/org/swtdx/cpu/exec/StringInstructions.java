package org.swtdx.cpu.exec;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/**
 * MOVS, CMPS, STOS, LODS, SCAS with their repeat prefixes. A repeated instruction keeps its
 * progress in the registers, so it can stop for a fault or for attention and be executed again.
 */
final class StringInstructions implements InstructionFamily {
  private static final int RAX = 0, RCX = 1, RSI = 6, RDI = 7;

  /** Iterations after which a repeated instruction looks whether somebody waits. */
  private static final int BATCH = 4096;

  StringInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int low = 0; low < 2; low++) {
      table.legacy(0, OpcodeTable.ANY, 0xa4 + low, insn -> MOVE);
      table.legacy(0, OpcodeTable.ANY, 0xa6 + low, insn -> COMPARE);
      table.legacy(0, OpcodeTable.ANY, 0xaa + low, insn -> STORE);
      table.legacy(0, OpcodeTable.ANY, 0xac + low, insn -> LOAD);
      table.legacy(0, OpcodeTable.ANY, 0xae + low, insn -> SCAN);
    }
  }

  private abstract static class StringHandler extends Handler {
    /** One iteration; returns false when a conditional repeat ends with it. */
    abstract boolean iterate(Core core, Insn insn, long step);

    /** Several iterations at once without RCX's update; 0 when only {@link #iterate} will do. */
    long bulk(Core core, Insn insn, long count) {
      return 0;
    }

    @Override
    public final void execute(Core core, Insn insn) {
      boolean down = (core.flags.control & Flags.DF) != 0;
      long step = down ? -insn.size : insn.size;
      if (!insn.has(Insn.REP | Insn.REPNE)) {
        iterate(core, insn, step);
        return;
      }
      long count = core.gpr[RCX] & insn.addressMask;
      int batch = core.singleStep ? 1 : BATCH;
      for (int i = 0; count != 0; i++) {
        if (i >= batch || core.attention && i > 0) {
          core.repeat(insn);
          return;
        }
        long done = down || batch == 1 ? 0 : bulk(core, insn, count);
        boolean more = true;
        if (done == 0) {
          done = 1;
          more = iterate(core, insn, step);
        }
        count -= done;
        Operands.setRegister(core, insn, RCX, insn.addressSize, count);
        if (!more) {
          return;
        }
      }
    }
  }

  private static long sourceAddress(Core core, Insn insn) {
    return core.address(insn.segment, core.gpr[RSI] & insn.addressMask, insn.size, false);
  }

  private static long targetAddress(Core core, Insn insn, boolean write) {
    return core.address(SegmentRegister.ES, core.gpr[RDI] & insn.addressMask, insn.size, write);
  }

  private static void advance(Core core, Insn insn, int register, long bytes) {
    Operands.setRegister(core, insn, register, insn.addressSize, core.gpr[register] + bytes);
  }

  /**
   * How many whole elements of a string, at most {@code count}, are left in the page of {@code
   * linear}, which its offset in {@code register} leads to; 0 when they are not all in the segment,
   * or their offsets wrap.
   */
  private static long together(
      Core core, Insn insn, int segment, int register, long linear, long count) {
    long inPage = (4096 - (linear & 4095)) / insn.size;
    long n = Long.compareUnsigned(inPage, count) < 0 ? inPage : count;
    long offset = core.gpr[register] & insn.addressMask;
    int bytes = (int) n * insn.size;
    boolean wraps = Long.compareUnsigned(offset, insn.addressMask - bytes + 1) > 0;
    return wraps || !core.holds(segment, offset, bytes) ? 0 : n;
  }

  private static final Handler MOVE =
      new StringHandler() {
        @Override
        boolean iterate(Core core, Insn insn, long step) {
          long source = sourceAddress(core, insn);
          long target = targetAddress(core, insn, true);
          core.store(target, insn.size, core.load(source, insn.size));
          advance(core, insn, RSI, step);
          advance(core, insn, RDI, step);
          return true;
        }

        @Override
        long bulk(Core core, Insn insn, long count) {
          int size = insn.size;
          long source = sourceAddress(core, insn);
          long target = targetAddress(core, insn, true);
          long n = together(core, insn, insn.segment, RSI, source, count);
          n = together(core, insn, SegmentRegister.ES, RDI, target, n);
          if (n < 2 || !StringBulk.copy(core, source, target, n * size, size)) {
            return 0;
          }
          advance(core, insn, RSI, n * size);
          advance(core, insn, RDI, n * size);
          return n;
        }
      };

  private static final Handler STORE =
      new StringHandler() {
        @Override
        boolean iterate(Core core, Insn insn, long step) {
          core.store(targetAddress(core, insn, true), insn.size, core.gpr[RAX]);
          advance(core, insn, RDI, step);
          return true;
        }

        @Override
        long bulk(Core core, Insn insn, long count) {
          int size = insn.size;
          long target = targetAddress(core, insn, true);
          long n = together(core, insn, SegmentRegister.ES, RDI, target, count);
          if (n < 2 || !StringBulk.fill(core, target, n, size, core.gpr[RAX])) {
            return 0;
          }
          advance(core, insn, RDI, n * size);
          return n;
        }
      };

  private static final Handler LOAD =
      new StringHandler() {
        @Override
        boolean iterate(Core core, Insn insn, long step) {
          long value = core.load(sourceAddress(core, insn), insn.size);
          Operands.setRegister(core, insn, RAX, insn.size, value);
          advance(core, insn, RSI, step);
          return true;
        }
      };

  private static final Handler COMPARE =
      new StringHandler() {
        @Override
        boolean iterate(Core core, Insn insn, long step) {
          int size = insn.size;
          long a = core.load(sourceAddress(core, insn), size);
          long b = core.load(targetAddress(core, insn, false), size);
          compare(core, a, b, size);
          advance(core, insn, RSI, step);
          advance(core, insn, RDI, step);
          return a == b == insn.has(Insn.REP);
        }
      };

  private static final Handler SCAN =
      new StringHandler() {
        @Override
        boolean iterate(Core core, Insn insn, long step) {
          int size = insn.size;
          long a = Operands.unsigned(core.gpr[RAX], size);
          long b = core.load(targetAddress(core, insn, false), size);
          compare(core, a, b, size);
          advance(core, insn, RDI, step);
          return a == b == insn.has(Insn.REP);
        }
      };

  private static void compare(Core core, long first, long second, int size) {
    long a = Operands.signed(first, size);
    long b = Operands.signed(second, size);
    core.flags.subtract(a, b, Operands.signed(a - b, size));
  }
}
