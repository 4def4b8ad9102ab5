package org.swtdx.cpu.exec;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.core.Stack;
import org.swtdx.cpu.core.VirtualFlags;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER, LEAVE. */
final class StackInstructions implements InstructionFamily {
  private static final int RSP = 4;
  private static final int RBP = 5;

  StackInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int register = 0; register < 8; register++) {
      table.legacy(
          0,
          OpcodeTable.ANY,
          0x50 + register,
          insn -> onStack(insn, insn.size == 8 ? PUSH64 : PUSH_REGISTER));
      table.legacy(
          0,
          OpcodeTable.ANY,
          0x58 + register,
          insn -> onStack(insn, insn.size == 8 ? POP64 : POP_REGISTER));
    }
    table.legacy(0, OpcodeTable.ANY, 0x68, insn -> onStack(insn, PUSH_IMMEDIATE));
    table.legacy(0, OpcodeTable.ANY, 0x6a, insn -> onStack(insn, PUSH_IMMEDIATE));
    table.group(0, OpcodeTable.ANY, 0xff, 6, insn -> PUSH_OPERAND);
    table.group(0, OpcodeTable.ANY, 0x8f, 0, insn -> POP_OPERAND);
    table.legacy(0, OpcodeTable.ANY, 0x60, insn -> insn.is64() ? null : onStack(insn, PUSH_ALL));
    table.legacy(0, OpcodeTable.ANY, 0x61, insn -> insn.is64() ? null : onStack(insn, POP_ALL));
    table.legacy(0, OpcodeTable.ANY, 0x9c, insn -> onStack(insn, PUSH_FLAGS));
    table.legacy(0, OpcodeTable.ANY, 0x9d, insn -> onStack(insn, POP_FLAGS));
    table.legacy(0, OpcodeTable.ANY, 0xc8, insn -> onStack(insn, ENTER));
    table.legacy(0, OpcodeTable.ANY, 0xc9, insn -> onStack(insn, LEAVE));
  }

  /** Marks the implicit operand as the stack's, which decides between #SS and #GP. */
  static @Nullable Handler onStack(Insn insn, Handler handler) {
    insn.segment = SegmentRegister.SS;
    return handler;
  }

  private static final Handler PUSH64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long[] gpr = core.gpr;
          long pointer = gpr[RSP] - 8;
          core.store64(pointer, gpr[insn.rm]);
          gpr[RSP] = pointer;
        }
      };

  private static final Handler POP64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long[] gpr = core.gpr;
          long pointer = gpr[RSP];
          long value = core.load64(pointer);
          gpr[RSP] = pointer + 8;
          gpr[insn.rm] = value;
        }
      };

  private static final Handler PUSH_REGISTER =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          Stack.push(core, insn.size, core.gpr[insn.rm]);
        }
      };

  private static final Handler POP_REGISTER =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long value = Stack.pop(core, insn.size);
          Operands.setRegister(core, insn, insn.rm, insn.size, value);
        }
      };

  private static final Handler PUSH_IMMEDIATE =
      Handler.of((core, insn) -> Stack.push(core, insn.size, insn.immediate));

  private static final Handler PUSH_OPERAND =
      Handler.of((core, insn) -> Stack.push(core, insn.size, Operands.rm(core, insn)));

  /** The destination's address is computed with the incremented stack pointer. */
  private static final Handler POP_OPERAND =
      Handler.of(
          (core, insn) -> {
            long before = core.gpr[RSP];
            long value = Stack.peek(core, 0, insn.size);
            Stack.release(core, insn.size);
            if (!insn.memory) {
              Operands.setRm(core, insn, value);
              return;
            }
            boolean done = false;
            try {
              Operands.setRm(core, insn, value);
              done = true;
            } finally {
              if (!done) {
                core.gpr[RSP] = before;
              }
            }
          });

  private static final Handler PUSH_ALL =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            long before = core.gpr[RSP];
            probe(core, -8L * size, 8 * size, true);
            for (int register = 0; register < 8; register++) {
              Stack.push(core, size, register == RSP ? before : core.gpr[register]);
            }
          });

  private static final Handler POP_ALL =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            probe(core, 0, 8 * size, false);
            for (int register = 7; register >= 0; register--) {
              long value = Stack.pop(core, size);
              if (register != RSP) {
                Operands.setRegister(core, insn, register, size, value);
              }
            }
          });

  private static void probe(Core core, long offset, int size, boolean write) {
    long pointer = core.gpr[RSP] + offset & core.stackMask;
    long linear = core.address(SegmentRegister.SS, pointer, size, write);
    if (write) {
      core.probeWrite(linear, size);
    } else {
      core.probeRead(linear, size);
    }
  }

  private static final Handler PUSH_FLAGS =
      Handler.of(
          (core, insn) -> {
            if (insn.size == 2 && VirtualFlags.inVirtual8086(core)) {
              Stack.push(core, 2, VirtualFlags.image(core));
              return;
            }
            requireStackAccessToFlags(core);
            Stack.push(core, insn.size, core.getFlags() & ~(Flags.VM | Flags.RF));
          });

  /** In virtual-8086 mode with IOPL below 3, PUSHF and POPF are the monitor's business. */
  private static void requireStackAccessToFlags(Core core) {
    long control = core.flags.control;
    if ((control & Flags.VM) != 0 && (control & Flags.IOPL) != Flags.IOPL) {
      throw core.raise(Core.GP, 0);
    }
  }

  private static void popVirtual(Core core) {
    long pointer = core.gpr[RSP] & core.stackMask;
    long image = core.load(core.address(SegmentRegister.SS, pointer, 2, false), 2);
    VirtualFlags.check(core, image);
    Stack.pop(core, 2);
    VirtualFlags.load(core, image);
  }

  private static final Handler POP_FLAGS =
      Handler.ending(
          (core, insn) -> {
            if (insn.size == 2 && VirtualFlags.inVirtual8086(core)) {
              popVirtual(core);
              return;
            }
            requireStackAccessToFlags(core);
            long value = Stack.pop(core, insn.size);
            long writable = Flags.STATUS | Flags.TF | Flags.DF | Flags.NT | Flags.AC | Flags.ID;
            if (core.cpl == 0 && (core.flags.control & Flags.VM) == 0) {
              writable |= Flags.IOPL;
            }
            if (core.cpl <= (core.flags.control >> 12 & 3)) {
              writable |= Flags.IF;
            }
            if (insn.size == 2) {
              writable &= 0xffff;
            }
            long old = core.getFlags() & ~Flags.RF;
            core.setFlags(old & ~writable | value & writable);
            if ((~old & value & writable & (Flags.IF | Flags.TF)) != 0) {
              core.requestAttention();
            }
          });

  private static final Handler LEAVE =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long frame = core.gpr[RBP] & core.stackMask;
          int size = insn.size;
          long value = core.load(core.address(SegmentRegister.SS, frame, size, false), size);
          Stack.setPointer(core, frame + size);
          Operands.setRegister(core, insn, RBP, size, value);
        }
      };

  private static final Handler ENTER =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            int level = insn.immediate2 & 31;
            long before = core.gpr[RSP];
            boolean done = false;
            try {
              Stack.push(core, size, core.gpr[RBP]);
              long frame = core.gpr[RSP];
              long link = core.gpr[RBP];
              for (int i = 1; i < level; i++) {
                link -= size;
                long address = core.address(SegmentRegister.SS, link & core.stackMask, size, false);
                Stack.push(core, size, core.load(address, size));
              }
              if (level > 0) {
                Stack.push(core, size, frame);
              }
              long top = core.gpr[RSP] - insn.immediate & core.stackMask;
              core.probeWrite(core.address(SegmentRegister.SS, top, size, true), size);
              Stack.setPointer(core, top);
              Operands.setRegister(core, insn, RBP, size, frame);
              done = true;
            } finally {
              if (!done) {
                core.gpr[RSP] = before;
              }
            }
          });
}
