package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** XCHG, XADD, CMPXCHG, CMPXCHG8B and CMPXCHG16B. */
final class AtomicInstructions implements InstructionFamily {
  private static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3;

  AtomicInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int low = 0; low < 2; low++) {
      table.legacy(0, OpcodeTable.ANY, 0x86 + low, insn -> EXCHANGE);
      table.legacy(1, OpcodeTable.ANY, 0xc0 + low, insn -> EXCHANGE_ADD);
      table.legacy(1, OpcodeTable.ANY, 0xb0 + low, insn -> COMPARE_EXCHANGE);
      table.lockable(0, 0x86 + low, OpcodeTable.ALL);
      table.lockable(1, 0xc0 + low, OpcodeTable.ALL);
      table.lockable(1, 0xb0 + low, OpcodeTable.ALL);
    }
    table.group(
        1,
        OpcodeTable.ANY,
        0xc7,
        1,
        insn -> !insn.memory ? null : insn.size == 8 ? COMPARE_EXCHANGE_16 : COMPARE_EXCHANGE_8);
    table.lockable(1, 0xc7, 1);
  }

  /** XCHG with memory is always locked. */
  private static final Handler EXCHANGE =
      Handler.of(
          (core, insn) -> {
            long value = Operands.reg(core, insn);
            if (!insn.memory) {
              long other = Operands.rm(core, insn);
              Operands.setReg(core, insn, other);
              Operands.setRegister(core, insn, insn.rm, insn.size, value);
              return;
            }
            long linear = core.address(insn, insn.size, true);
            long found = core.loadForUpdate(linear, insn.size);
            long seen = core.compareExchange(linear, insn.size, found, value);
            while (seen != found) {
              found = seen;
              seen = core.compareExchange(linear, insn.size, found, value);
            }
            Operands.setReg(core, insn, found);
          });

  private static final Handler EXCHANGE_ADD =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            long b = Operands.reg(core, insn);
            long a;
            if (insn.memory) {
              a = addInMemory(core, insn, b);
              Operands.setReg(core, insn, a);
            } else {
              a = Operands.rm(core, insn);
              Operands.setReg(core, insn, a);
              Operands.setRegister(core, insn, insn.rm, size, a + b);
            }
            long x = Operands.signed(a, size);
            long y = Operands.signed(b, size);
            core.flags.add(x, y, Operands.signed(x + y, size));
          });

  private static long addInMemory(Core core, Insn insn, long b) {
    int size = insn.size;
    long linear = core.address(insn, size, true);
    long found = core.loadForUpdate(linear, size);
    if (!insn.has(Insn.LOCK)) {
      core.store(linear, size, found + b);
      return found;
    }
    for (; ; ) {
      long sum = Operands.unsigned(found + b, size);
      long seen = core.compareExchange(linear, size, found, sum);
      if (seen == found) {
        return found;
      }
      found = seen;
    }
  }

  private static final Handler COMPARE_EXCHANGE =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            long expected = Operands.unsigned(core.gpr[RAX], size);
            long value = Operands.reg(core, insn);
            long found;
            if (!insn.memory) {
              found = Operands.rm(core, insn);
              if (found == expected) {
                Operands.setRegister(core, insn, insn.rm, size, value);
              }
            } else {
              long linear = core.address(insn, size, true);
              if (insn.has(Insn.LOCK)) {
                found = core.compareExchange(linear, size, expected, value);
              } else {
                found = core.loadForUpdate(linear, size);
                core.store(linear, size, found == expected ? value : found);
              }
            }
            if (found != expected) {
              Operands.setRegister(core, insn, RAX, size, found);
            }
            long a = Operands.signed(expected, size);
            long b = Operands.signed(found, size);
            core.flags.subtract(a, b, Operands.signed(a - b, size));
          });

  private static final Handler COMPARE_EXCHANGE_8 =
      Handler.of(
          (core, insn) -> {
            long linear = core.address(insn, 8, true);
            long expected = core.gpr[RDX] << 32 | core.gpr[RAX] & 0xffffffffL;
            long value = core.gpr[RCX] << 32 | core.gpr[RBX] & 0xffffffffL;
            long found = core.compareExchange(linear, 8, expected, value);
            boolean equal = found == expected;
            if (!equal) {
              core.gpr[RAX] = found & 0xffffffffL;
              core.gpr[RDX] = found >>> 32;
            }
            core.flags.setZero(equal);
          });

  private static final Handler COMPARE_EXCHANGE_16 =
      Handler.of(
          (core, insn) -> {
            long linear = core.address(insn, 16, true);
            if ((linear & 15) != 0) {
              throw core.raise(Core.GP, 0);
            }
            long[] pair = core.pair;
            pair[0] = core.gpr[RAX];
            pair[1] = core.gpr[RDX];
            boolean equal = core.compareExchange128(linear, pair, core.gpr[RBX], core.gpr[RCX]);
            if (!equal) {
              core.gpr[RAX] = pair[0];
              core.gpr[RDX] = pair[1];
            }
            core.flags.setZero(equal);
          });
}
