package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** BT, BTS, BTR, BTC; BSF, BSR, TZCNT, LZCNT, POPCNT; CRC32. */
final class BitInstructions implements InstructionFamily {
  private static final int TEST = 0, SET = 1, RESET = 2, COMPLEMENT = 3;

  BitInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int op = 0; op < 4; op++) {
      int operation = op;
      table.legacy(1, OpcodeTable.ANY, 0xa3 + op * 8, insn -> new BitTest(operation, false));
      table.group(1, OpcodeTable.ANY, 0xba, 4 + op, insn -> new BitTest(operation, true));
      if (op != TEST) {
        table.lockable(1, 0xa3 + op * 8, OpcodeTable.ALL).lockable(1, 0xba, 4 + op);
      }
    }
    for (int prefix = 0; prefix < 4; prefix++) {
      boolean count = prefix == OpcodeTable.F3;
      table.legacy(1, prefix, 0xbc, insn -> count ? COUNT_TRAILING : SCAN_FORWARD);
      table.legacy(1, prefix, 0xbd, insn -> count ? COUNT_LEADING : SCAN_REVERSE);
    }
    table.legacy(1, OpcodeTable.F3, 0xb8, insn -> POPULATION);
    table.legacy(OpcodeTable.MAP_0F38, OpcodeTable.F2, 0xf0, insn -> crc(1));
    table.legacy(OpcodeTable.MAP_0F38, OpcodeTable.F2, 0xf1, insn -> crc(insn.size));
  }

  private static final Handler SCAN_FORWARD =
      Handler.of(
          (core, insn) -> {
            long value = Operands.rm(core, insn);
            scanned(core, insn, value, Long.numberOfTrailingZeros(value));
          });

  private static final Handler SCAN_REVERSE =
      Handler.of(
          (core, insn) -> {
            long value = Operands.rm(core, insn);
            scanned(core, insn, value, 63 - Long.numberOfLeadingZeros(value));
          });

  /** ZF for a zero source, whose destination processors leave unchanged. */
  private static void scanned(Core core, Insn insn, long value, int index) {
    if (value == 0) {
      core.flags.setZero(true);
    } else {
      core.flags.setZero(false);
      Operands.setReg(core, insn, index);
    }
  }

  private static final Handler COUNT_TRAILING =
      Handler.of(
          (core, insn) -> {
            long value = Operands.rm(core, insn);
            int bits = insn.size * 8;
            int count = value == 0 ? bits : Long.numberOfTrailingZeros(value);
            Operands.setReg(core, insn, count);
            counted(core, count == bits, count == 0);
          });

  private static final Handler COUNT_LEADING =
      Handler.of(
          (core, insn) -> {
            long value = Operands.rm(core, insn);
            int bits = insn.size * 8;
            int count = Long.numberOfLeadingZeros(value) - (64 - bits);
            Operands.setReg(core, insn, count);
            counted(core, count == bits, count == 0);
          });

  private static void counted(Core core, boolean carry, boolean zero) {
    core.flags.setStatus((carry ? Flags.CF : 0) | (zero ? Flags.ZF : 0));
  }

  private static final Handler POPULATION =
      Handler.of(
          (core, insn) -> {
            long value = Operands.rm(core, insn);
            Operands.setReg(core, insn, Long.bitCount(value));
            core.flags.setStatus(value == 0 ? Flags.ZF : 0);
          });

  private static Handler crc(int size) {
    return Handler.of(
        (core, it) -> {
          long value = Operands.rm(core, it, size);
          int crc = (int) core.gpr[it.reg];
          for (int i = 0; i < size; i++) {
            crc ^= (int) (value >>> 8 * i) & 0xff;
            for (int bit = 0; bit < 8; bit++) {
              crc = crc >>> 1 ^ (crc & 1) * 0x82f63b78;
            }
          }
          core.gpr[it.reg] = crc & 0xffffffffL;
        });
  }

  /** The bit string may be in memory, where a register offset reaches beyond the operand. */
  private static final class BitTest extends Handler {
    private final int operation;
    private final boolean immediate;

    BitTest(int operation, boolean immediate) {
      this.operation = operation;
      this.immediate = immediate;
    }

    @Override
    public void execute(Core core, Insn insn) {
      int size = insn.size;
      long offset = immediate ? insn.immediate : Operands.signed(core.gpr[insn.reg], size);
      int bit = (int) offset & size * 8 - 1;
      long mask = 1L << bit;
      if (!insn.memory) {
        long a = Operands.register(core, insn, insn.rm, size);
        core.flags.setCarry((a & mask) != 0);
        if (operation != TEST) {
          Operands.setRegister(core, insn, insn.rm, size, apply(a, mask));
        }
        return;
      }
      inMemory(core, insn, immediate ? 0 : (offset >> 3) & -size, mask);
    }

    private void inMemory(Core core, Insn insn, long byteOffset, long mask) {
      int size = insn.size;
      boolean write = operation != TEST;
      long effective = core.effectiveAddress(insn) + byteOffset & insn.addressMask;
      long linear = core.address(insn.segment, effective, size, write);
      if (!write) {
        core.flags.setCarry((core.load(linear, size) & mask) != 0);
        return;
      }
      long found = core.loadForUpdate(linear, size);
      if (insn.has(Insn.LOCK)) {
        long seen = core.compareExchange(linear, size, found, apply(found, mask));
        while (seen != found) {
          found = seen;
          seen = core.compareExchange(linear, size, found, apply(found, mask));
        }
      } else {
        core.store(linear, size, apply(found, mask));
      }
      core.flags.setCarry((found & mask) != 0);
    }

    private long apply(long value, long mask) {
      return switch (operation) {
        case SET -> value | mask;
        case RESET -> value & ~mask;
        case COMPLEMENT -> value ^ mask;
        default -> value;
      };
    }
  }
}
