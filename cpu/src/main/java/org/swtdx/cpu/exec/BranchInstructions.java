package org.swtdx.cpu.exec;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.core.Stack;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** Near branches: Jcc, JMP, CALL, RET, LOOP, JCXZ. */
final class BranchInstructions implements InstructionFamily {
  private static final int RCX = 1;
  private static final int RSP = 4;

  BranchInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int cc = 0; cc < 16; cc++) {
      Handler jump = ConditionalJumps.of(cc);
      table.legacy(0, OpcodeTable.ANY, 0x70 + cc, insn -> jump);
      table.legacy(1, OpcodeTable.ANY, 0x80 + cc, insn -> jump);
    }
    table.legacy(0, OpcodeTable.ANY, 0xeb, insn -> JUMP);
    table.legacy(0, OpcodeTable.ANY, 0xe9, insn -> JUMP);
    table.legacy(
        0,
        OpcodeTable.ANY,
        0xe8,
        insn -> StackInstructions.onStack(insn, insn.is64() ? CALL64 : CALL));
    table.group(0, OpcodeTable.ANY, 0xff, 2, insn -> CALL_INDIRECT);
    table.group(0, OpcodeTable.ANY, 0xff, 4, insn -> JUMP_INDIRECT);
    table.legacy(0, OpcodeTable.ANY, 0xc3, insn -> returning(insn));
    table.legacy(0, OpcodeTable.ANY, 0xc2, insn -> returning(insn));
    for (int i = 0; i < 3; i++) {
      int kind = i;
      table.legacy(0, OpcodeTable.ANY, 0xe0 + i, insn -> new Loop(kind));
    }
    table.legacy(0, OpcodeTable.ANY, 0xe3, insn -> JUMP_IF_COUNT_ZERO);
  }

  private static Handler returning(Insn insn) {
    insn.segment = SegmentRegister.SS;
    return insn.is64() ? RETURN64 : RETURN;
  }

  /** Faults if a near branch must not go to {@code target}. */
  static long checked(Core core, long target) {
    if (core.code64) {
      int unused = (core.cr4 & Core.CR4_LA57) != 0 ? 7 : 16;
      if (target << unused >> unused != target) {
        throw core.raise(Core.GP, 0);
      }
    } else if (target > (core.segmentLimit[SegmentRegister.CS] & 0xffffffffL)) {
      throw core.raise(Core.GP, 0);
    }
    return target;
  }

  private abstract static class Branch extends Handler {
    @Override
    public final boolean endsBlock() {
      return true;
    }
  }

  private static final Handler JUMP =
      new Branch() {
        @Override
        public void execute(Core core, Insn insn) {
          core.rip = insn.immediate;
        }
      };

  private static final Handler CALL64 =
      new Branch() {
        @Override
        public void execute(Core core, Insn insn) {
          long pointer = core.gpr[RSP] - 8;
          core.store64(pointer, insn.rip + insn.length);
          core.gpr[RSP] = pointer;
          core.rip = insn.immediate;
        }
      };

  private static final Handler CALL =
      new Branch() {
        @Override
        public void execute(Core core, Insn insn) {
          long target = checked(core, insn.immediate);
          Stack.push(core, insn.size, insn.nextRip());
          core.rip = target;
        }
      };

  private static final Handler CALL_INDIRECT =
      new Branch() {
        @Override
        public void execute(Core core, Insn insn) {
          long target = checked(core, Operands.rm(core, insn));
          Stack.push(core, insn.size, insn.nextRip());
          core.rip = target;
        }
      };

  private static final Handler JUMP_INDIRECT =
      new Branch() {
        @Override
        public void execute(Core core, Insn insn) {
          core.rip = checked(core, Operands.rm(core, insn));
        }
      };

  private static final Handler RETURN64 =
      new Branch() {
        @Override
        public void execute(Core core, Insn insn) {
          long pointer = core.gpr[RSP];
          core.rip = checked(core, core.load64(pointer));
          core.gpr[RSP] = pointer + 8 + insn.immediate;
        }
      };

  private static final Handler RETURN =
      new Branch() {
        @Override
        public void execute(Core core, Insn insn) {
          core.rip = checked(core, Stack.peek(core, 0, insn.size));
          Stack.release(core, insn.size + insn.immediate);
        }
      };

  private static final Handler JUMP_IF_COUNT_ZERO =
      new Branch() {
        @Override
        public void execute(Core core, Insn insn) {
          if ((core.gpr[RCX] & insn.addressMask) == 0) {
            core.rip = insn.immediate;
          }
        }
      };

  /** LOOPNE (0), LOOPE (1), LOOP (2). */
  private static final class Loop extends Branch {
    private final int kind;

    Loop(int kind) {
      this.kind = kind;
    }

    @Override
    public void execute(Core core, Insn insn) {
      long count = core.gpr[RCX] - 1 & insn.addressMask;
      Operands.setRegister(core, insn, RCX, insn.addressSize, count);
      if (count != 0 && (kind == 2 || core.flags.zf() == (kind == 1))) {
        core.rip = insn.immediate;
      }
    }
  }
}
