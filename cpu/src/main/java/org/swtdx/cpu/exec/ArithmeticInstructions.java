package org.swtdx.cpu.exec;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** ADD to CMP, TEST, INC, DEC, NEG and NOT in all forms, with LOCK where it is allowed. */
final class ArithmeticInstructions implements InstructionFamily {
  private static final int ACCUMULATOR = 0;

  ArithmeticInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int op = 0; op < 8; op++) {
      int operation = op;
      for (int low = 0; low < 6; low++) {
        int form = low >> 1;
        table.legacy(0, OpcodeTable.ANY, op << 3 | low, insn -> binary(insn, operation, form));
      }
      if (op != Alu.CMP) {
        table.lockable(0, op << 3, OpcodeTable.ALL).lockable(0, op << 3 | 1, OpcodeTable.ALL);
        for (int opcode = 0x80; opcode <= 0x83; opcode++) {
          table.lockable(0, opcode, op);
        }
      }
    }
    for (int opcode = 0x80; opcode <= 0x83; opcode++) {
      boolean only32 = opcode == 0x82;
      table.legacy(
          0,
          OpcodeTable.ANY,
          opcode,
          insn -> only32 && insn.is64() ? null : immediate(insn, insn.extension()));
    }
    registerTest(table);
    registerUnary(table);
  }

  private static void registerTest(OpcodeTable table) {
    for (int low = 0; low < 2; low++) {
      table.legacy(0, OpcodeTable.ANY, 0x84 + low, insn -> binary(insn, Alu.TEST, 0));
      table.legacy(0, OpcodeTable.ANY, 0xa8 + low, insn -> binary(insn, Alu.TEST, 2));
      for (int extension = 0; extension < 2; extension++) {
        table.group(0, OpcodeTable.ANY, 0xf6 + low, extension, insn -> immediate(insn, Alu.TEST));
      }
    }
  }

  private static void registerUnary(OpcodeTable table) {
    for (int low = 0; low < 2; low++) {
      unary(table, 0xf6 + low, 2, Alu.NOT);
      unary(table, 0xf6 + low, 3, Alu.NEG);
      unary(table, 0xfe + low, 0, Alu.INC);
      unary(table, 0xfe + low, 1, Alu.DEC);
    }
    for (int register = 0; register < 8; register++) {
      table.legacy(
          0, OpcodeTable.ANY, 0x40 + register, insn -> insn.is64() ? null : unary(insn, Alu.INC));
      table.legacy(
          0, OpcodeTable.ANY, 0x48 + register, insn -> insn.is64() ? null : unary(insn, Alu.DEC));
    }
  }

  private static void unary(OpcodeTable table, int opcode, int extension, int operation) {
    table.group(0, OpcodeTable.ANY, opcode, extension, insn -> unary(insn, operation));
    table.lockable(0, opcode, extension);
  }

  /** Forms: 0 rm,reg; 1 reg,rm; 2 accumulator,immediate. */
  private static Handler binary(Insn insn, int operation, int form) {
    if (form == 2) {
      insn.rm = ACCUMULATOR;
      return immediate(insn, operation);
    }
    boolean load = form == 1 && insn.memory;
    insn.target = form == 0 ? insn.rm : insn.reg;
    insn.source = form == 0 ? insn.reg : insn.rm;
    if (load) {
      insn.source = Insn.NONE;
    }
    insn.immediate = 0;
    return choose(insn, operation, load);
  }

  private static Handler immediate(Insn insn, int operation) {
    insn.target = insn.rm;
    insn.source = Insn.NONE;
    return choose(insn, operation, false);
  }

  private static Handler choose(Insn insn, int operation, boolean load) {
    boolean store = insn.memory && !load;
    if (insn.has(Insn.LOCK)) {
      return Locked.HANDLERS[operation];
    }
    @Nullable Handler special =
        switch (insn.size) {
          case 8 -> Arithmetic64.select(operation, load, store);
          case 4 -> Arithmetic32.select(operation, load, store);
          default -> null;
        };
    return special != null ? special : load ? Load.HANDLERS[operation] : Plain.HANDLERS[operation];
  }

  private static Handler unary(Insn insn, int operation) {
    insn.target = insn.rm;
    if (insn.has(Insn.LOCK)) {
      return Locked.HANDLERS[operation];
    }
    if (!insn.memory && insn.size >= 4 && operation <= Alu.DEC) {
      boolean wide = insn.size == 8;
      return operation == Alu.INC
          ? wide ? Increment64.INSTANCE : Increment32.INSTANCE
          : wide ? Decrement64.INSTANCE : Decrement32.INSTANCE;
    }
    return Plain.HANDLERS[operation];
  }

  private static long source(Core core, Insn insn) {
    long value =
        insn.source == Insn.NONE
            ? insn.immediate
            : Operands.register(core, insn, insn.source, insn.size);
    return Operands.signed(value, insn.size);
  }

  /** Destination register or memory, source register or immediate; any size. */
  private static final class Plain extends Handler {
    static final Handler[] HANDLERS = new Handler[13];

    static {
      for (int i = 0; i < HANDLERS.length; i++) {
        HANDLERS[i] = new Plain(i);
      }
    }

    private final int operation;

    Plain(int operation) {
      this.operation = operation;
    }

    @Override
    public void execute(Core core, Insn insn) {
      int size = insn.size;
      int op = operation;
      if (!insn.memory) {
        long a = Operands.signed(Operands.register(core, insn, insn.target, size), size);
        long b = source(core, insn);
        long r = Alu.result(op, a, b, core.flags.carryBit(), size);
        if (Alu.writes(op)) {
          Operands.setRegister(core, insn, insn.target, size, r);
        }
        Alu.flags(core.flags, op, a, b, r, size);
        return;
      }
      boolean writes = Alu.writes(op);
      long linear = core.address(insn, size, writes);
      long found = writes ? core.loadForUpdate(linear, size) : core.load(linear, size);
      long a = Operands.signed(found, size);
      long b = source(core, insn);
      long r = Alu.result(op, a, b, core.flags.carryBit(), size);
      if (writes) {
        core.store(linear, size, r);
      }
      Alu.flags(core.flags, op, a, b, r, size);
    }
  }

  /** Destination register, source memory; any size. */
  private static final class Load extends Handler {
    static final Handler[] HANDLERS = new Handler[13];

    static {
      for (int i = 0; i < HANDLERS.length; i++) {
        HANDLERS[i] = new Load(i);
      }
    }

    private final int operation;

    Load(int operation) {
      this.operation = operation;
    }

    @Override
    public void execute(Core core, Insn insn) {
      int size = insn.size;
      long b = Operands.signed(core.load(core.address(insn, size, false), size), size);
      long a = Operands.signed(Operands.register(core, insn, insn.target, size), size);
      long r = Alu.result(operation, a, b, core.flags.carryBit(), size);
      if (Alu.writes(operation)) {
        Operands.setRegister(core, insn, insn.target, size, r);
      }
      Alu.flags(core.flags, operation, a, b, r, size);
    }
  }

  /** LOCK: destination memory, source register or immediate. */
  private static final class Locked extends Handler {
    static final Handler[] HANDLERS = new Handler[13];

    static {
      for (int i = 0; i < HANDLERS.length; i++) {
        HANDLERS[i] = new Locked(i);
      }
    }

    private final int operation;

    Locked(int operation) {
      this.operation = operation;
    }

    @Override
    public void execute(Core core, Insn insn) {
      int size = insn.size;
      long linear = core.address(insn, size, true);
      long b = source(core, insn);
      int carry = core.flags.carryBit();
      long found = core.loadForUpdate(linear, size);
      for (; ; ) {
        long a = Operands.signed(found, size);
        long r = Alu.result(operation, a, b, carry, size);
        long seen = core.compareExchange(linear, size, found, Operands.unsigned(r, size));
        if (seen == found) {
          Alu.flags(core.flags, operation, a, b, r, size);
          return;
        }
        found = seen;
      }
    }
  }

  private static final class Increment64 extends Handler {
    static final Handler INSTANCE = new Increment64();

    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long r = a + 1;
      core.gpr[insn.target] = r;
      core.flags.increment(a, r, r == Long.MIN_VALUE);
    }
  }

  private static final class Increment32 extends Handler {
    static final Handler INSTANCE = new Increment32();

    @Override
    public void execute(Core core, Insn insn) {
      int a = (int) core.gpr[insn.target];
      int r = a + 1;
      core.gpr[insn.target] = r & 0xffffffffL;
      core.flags.increment(a, r, r == Integer.MIN_VALUE);
    }
  }

  private static final class Decrement64 extends Handler {
    static final Handler INSTANCE = new Decrement64();

    @Override
    public void execute(Core core, Insn insn) {
      long a = core.gpr[insn.target];
      long r = a - 1;
      core.gpr[insn.target] = r;
      core.flags.increment(a, r, a == Long.MIN_VALUE);
    }
  }

  private static final class Decrement32 extends Handler {
    static final Handler INSTANCE = new Decrement32();

    @Override
    public void execute(Core core, Insn insn) {
      int a = (int) core.gpr[insn.target];
      int r = a - 1;
      core.gpr[insn.target] = r & 0xffffffffL;
      core.flags.increment(a, r, a == Integer.MIN_VALUE);
    }
  }
}
