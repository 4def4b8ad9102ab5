package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.HandlerFactory;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/**
 * Flag instructions, NOPs and hints, fences, cache-line flushes, random numbers, BOUND, and the
 * opcodes defined to be undefined.
 */
final class FlagInstructions implements InstructionFamily {
  private static final int RAX = 0;

  FlagInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    plain(table, 0xf5, (core, insn) -> core.flags.setCarry(!core.flags.cf()));
    plain(table, 0xf8, (core, insn) -> core.flags.setCarry(false));
    plain(table, 0xf9, (core, insn) -> core.flags.setCarry(true));
    plain(table, 0xfc, (core, insn) -> core.flags.control &= ~(long) Flags.DF);
    plain(table, 0xfd, (core, insn) -> core.flags.control |= Flags.DF);
    plain(
        table,
        0x9f,
        (core, insn) -> {
          long status = core.flags.status() & 0xff | 2;
          core.gpr[RAX] = core.gpr[RAX] & ~0xff00L | status << 8;
        });
    plain(
        table,
        0x9e,
        (core, insn) -> {
          int low = (int) (core.gpr[RAX] >>> 8) & Flags.STATUS & 0xff;
          core.flags.setStatus(low | (core.flags.of() ? Flags.OF : 0));
        });
    table.legacy(
        0,
        OpcodeTable.ANY,
        0xd6,
        insn -> insn.is64() ? null : Handler.of(FlagInstructions::setAlOnCarry));
    table.legacy(0, OpcodeTable.ANY, 0x62, insn -> insn.is64() || !insn.memory ? null : BOUND);
    registerHints(table);
    registerFences(table);
    registerRandom(table);
  }

  private static void plain(OpcodeTable table, int opcode, Handler.Operation operation) {
    Handler handler = Handler.of(operation);
    table.legacy(0, OpcodeTable.ANY, opcode, insn -> handler);
  }

  private static final Handler NOTHING = Handler.of((core, insn) -> {});

  /** Checks the address as a one-byte load, and does nothing. */
  private static final Handler TOUCH =
      Handler.of((core, insn) -> core.probeRead(core.address(insn, 1, false), 1));

  private static final Handler FENCE =
      Handler.of((core, insn) -> java.lang.invoke.VarHandle.fullFence());

  private static void setAlOnCarry(Core core, Insn insn) {
    core.gpr[RAX] = core.gpr[RAX] & ~0xffL | (core.flags.cf() ? 0xff : 0);
  }

  private static final Handler BOUND =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            long linear = core.address(insn, size * 2, false);
            long index = Operands.signed(core.gpr[insn.reg], size);
            long lower = Operands.signed(core.load(linear, size), size);
            long upper = Operands.signed(core.load(linear + size, size), size);
            if (index < lower || index > upper) {
              throw core.raise(Core.BR);
            }
          });

  /** Prefetches and the reserved NOPs 0F 18 to 0F 1F, which include ENDBR. */
  private static void registerHints(OpcodeTable table) {
    table.legacy(1, OpcodeTable.ANY, 0x0d, insn -> NOTHING);
    for (int opcode = 0x18; opcode <= 0x1f; opcode++) {
      table.legacy(1, OpcodeTable.ANY, opcode, insn -> NOTHING);
    }
  }

  private static void registerFences(OpcodeTable table) {
    for (int extension = 5; extension <= 7; extension++) {
      table.group(1, OpcodeTable.NONE, 0xae, extension, insn -> insn.memory ? null : FENCE);
    }
    HandlerFactory flush = insn -> insn.memory ? TOUCH : null;
    table.group(1, OpcodeTable.NONE, 0xae, 7, flush);
    table.group(1, OpcodeTable.P66, 0xae, 7, flush);
    table.group(1, OpcodeTable.P66, 0xae, 6, flush);
  }

  /** RDRAND and RDSEED; CF says that a number was there, which is always so. */
  private static void registerRandom(OpcodeTable table) {
    Handler random =
        Handler.of(
            (core, insn) -> {
              Operands.setRegister(core, insn, insn.rm, insn.size, core.environment.random64());
              core.flags.setStatus(Flags.CF);
            });
    for (int prefix = OpcodeTable.NONE; prefix <= OpcodeTable.P66; prefix++) {
      for (int extension = 6; extension <= 7; extension++) {
        table.group(1, prefix, 0xc7, extension, insn -> insn.memory ? null : random);
      }
    }
  }
}
