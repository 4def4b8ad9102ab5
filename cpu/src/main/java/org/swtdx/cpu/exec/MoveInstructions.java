package org.swtdx.cpu.exec;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** MOV, MOVZX, MOVSX, MOVSXD, LEA, XCHG of registers, CMOVcc, SETcc, BSWAP, MOVBE, MOVNTI, XLAT. */
final class MoveInstructions implements InstructionFamily {
  private static final int RAX = 0;
  private static final int RBX = 3;

  MoveInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int low = 0; low < 2; low++) {
      table.legacy(0, OpcodeTable.ANY, 0x88 + low, MoveInstructions::store);
      table.legacy(0, OpcodeTable.ANY, 0x8a + low, MoveInstructions::load);
      table.group(0, OpcodeTable.ANY, 0xc6 + low, 0, MoveInstructions::immediate);
      table.legacy(0, OpcodeTable.ANY, 0xa0 + low, MoveInstructions::loadOffset);
      table.legacy(0, OpcodeTable.ANY, 0xa2 + low, MoveInstructions::storeOffset);
      extend(table, 0xb6 + low, 1 + low, false);
      extend(table, 0xbe + low, 1 + low, true);
    }
    for (int register = 0; register < 8; register++) {
      table.legacy(0, OpcodeTable.ANY, 0xb0 + register, MoveInstructions::immediate);
      table.legacy(0, OpcodeTable.ANY, 0xb8 + register, MoveInstructions::immediate);
      table.legacy(1, OpcodeTable.ANY, 0xc8 + register, insn -> SWAP_BYTES);
      if (register > 0) {
        table.legacy(0, OpcodeTable.ANY, 0x90 + register, insn -> EXCHANGE);
      }
    }
    table.legacy(0, OpcodeTable.ANY, 0x90, MoveInstructions::exchangeOrNop);
    table.legacy(0, OpcodeTable.ANY, 0x63, insn -> insn.is64() ? extended(insn, 4, true) : null);
    table.legacy(0, OpcodeTable.ANY, 0x8d, MoveInstructions::loadAddress);
    table.legacy(0, OpcodeTable.ANY, 0xd7, insn -> TRANSLATE);
    for (int cc = 0; cc < 16; cc++) {
      int condition = cc;
      table.legacy(1, OpcodeTable.ANY, 0x40 + cc, insn -> ConditionalMoves.select(insn, condition));
      table.legacy(1, OpcodeTable.ANY, 0x90 + cc, insn -> ConditionalMoves.set(insn, condition));
    }
    registerExtra(table);
  }

  private static void registerExtra(OpcodeTable table) {
    table.legacy(
        1, OpcodeTable.NONE, 0xc3, insn -> insn.memory && insn.size >= 4 ? STORE_ANY : null);
    for (int prefix = OpcodeTable.NONE; prefix <= OpcodeTable.P66; prefix++) {
      table.legacy(OpcodeTable.MAP_0F38, prefix, 0xf0, insn -> insn.memory ? LOAD_SWAPPED : null);
      table.legacy(OpcodeTable.MAP_0F38, prefix, 0xf1, insn -> insn.memory ? STORE_SWAPPED : null);
    }
  }

  private static Handler store(Insn insn) {
    if (insn.memory) {
      return switch (insn.size) {
        case 8 -> STORE64;
        case 4 -> STORE32;
        case 2 -> STORE16;
        default -> Operands.isHighByte(insn, insn.reg) ? STORE_ANY : STORE8;
      };
    }
    insn.target = insn.rm;
    insn.source = insn.reg;
    return between(insn);
  }

  private static Handler load(Insn insn) {
    insn.target = insn.reg;
    if (insn.memory) {
      return switch (insn.size) {
        case 8 -> LOAD64;
        case 4 -> LOAD32;
        case 2 -> LOAD16;
        default -> Operands.isHighByte(insn, insn.reg) ? LOAD_ANY : LOAD8;
      };
    }
    insn.source = insn.rm;
    return between(insn);
  }

  private static Handler between(Insn insn) {
    return switch (insn.size) {
      case 8 -> MOVE64;
      case 4 -> MOVE32;
      case 2 -> MOVE16;
      default -> high(insn) ? MOVE_ANY : MOVE8;
    };
  }

  private static boolean high(Insn insn) {
    return Operands.isHighByte(insn, insn.reg) || Operands.isHighByte(insn, insn.rm);
  }

  private static Handler immediate(Insn insn) {
    if (insn.memory) {
      return switch (insn.size) {
        case 8 -> STORE_IMMEDIATE64;
        case 4 -> STORE_IMMEDIATE32;
        case 2 -> STORE_IMMEDIATE16;
        default -> STORE_IMMEDIATE8;
      };
    }
    insn.target = insn.rm;
    if (insn.size == 4) {
      insn.immediate &= 0xffffffffL;
    }
    return insn.size >= 4 ? IMMEDIATE : IMMEDIATE_ANY;
  }

  private static Handler loadOffset(Insn insn) {
    insn.target = RAX;
    insn.reg = RAX;
    return load(insn);
  }

  private static Handler storeOffset(Insn insn) {
    insn.reg = RAX;
    return store(insn);
  }

  private static void extend(OpcodeTable table, int opcode, int from, boolean signed) {
    table.legacy(1, OpcodeTable.ANY, opcode, insn -> extended(insn, from, signed));
  }

  private static Handler extended(Insn insn, int from, boolean signed) {
    insn.target = insn.reg;
    if (insn.size >= 4 && from <= 2 && insn.memory) {
      return signed ? new LoadSigned(from) : from == 1 ? LOAD_ZERO8 : LOAD_ZERO16;
    }
    if (insn.size >= 4 && !insn.memory && !(from == 1 && Operands.isHighByte(insn, insn.rm))) {
      return signed ? new MoveSigned(from) : from == 1 ? MOVE_ZERO8 : MOVE_ZERO16;
    }
    return Handler.of(
        (core, it) -> {
          long value = Operands.rm(core, it, from);
          Operands.setReg(core, it, signed ? Operands.signed(value, from) : value);
        });
  }

  private static @Nullable Handler exchangeOrNop(Insn insn) {
    if (insn.has(Insn.REP)) {
      return null;
    }
    return insn.rm == 0 ? NOP : EXCHANGE;
  }

  private static @Nullable Handler loadAddress(Insn insn) {
    if (!insn.memory) {
      return null;
    }
    insn.target = insn.reg;
    if (insn.size == 2) {
      return Handler.of((core, it) -> Operands.setReg(core, it, core.effectiveAddress(it)));
    }
    if (insn.size == 4) {
      insn.addressMask &= 0xffffffffL;
    }
    return LOAD_ADDRESS;
  }

  private static final Handler NOP = Handler.of((core, insn) -> {});

  private static final Handler SWAP_BYTES =
      Handler.of(
          (core, insn) -> {
            long value = core.gpr[insn.rm];
            // With a 16-bit operand the result is undefined; processors clear the word.
            long swapped =
                switch (insn.size) {
                  case 8 -> Long.reverseBytes(value);
                  case 4 -> Integer.reverseBytes((int) value);
                  default -> 0;
                };
            Operands.setRegister(core, insn, insn.rm, insn.size, swapped);
          });

  private static final Handler EXCHANGE =
      Handler.of(
          (core, insn) -> {
            long a = Operands.register(core, insn, RAX, insn.size);
            long b = Operands.register(core, insn, insn.rm, insn.size);
            Operands.setRegister(core, insn, RAX, insn.size, b);
            Operands.setRegister(core, insn, insn.rm, insn.size, a);
          });

  private static final Handler TRANSLATE =
      Handler.of(
          (core, insn) -> {
            long offset = core.gpr[RBX] + (core.gpr[RAX] & 0xff) & insn.addressMask;
            int value = core.load8(core.address(insn.segment, offset, 1, false));
            core.gpr[RAX] = core.gpr[RAX] & ~0xffL | value;
          });

  private static final Handler LOAD_SWAPPED =
      Handler.of(
          (core, insn) -> Operands.setReg(core, insn, swapped(Operands.rm(core, insn), insn)));

  private static final Handler STORE_SWAPPED =
      Handler.of(
          (core, insn) -> Operands.setRm(core, insn, swapped(Operands.reg(core, insn), insn)));

  private static long swapped(long value, Insn insn) {
    return Long.reverseBytes(value) >>> 64 - 8 * insn.size;
  }

  private static final Handler MOVE64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.gpr[insn.source];
        }
      };

  private static final Handler MOVE32 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.gpr[insn.source] & 0xffffffffL;
        }
      };

  private static final Handler MOVE_ANY =
      Handler.of(
          (core, insn) ->
              Operands.setRegister(
                  core,
                  insn,
                  insn.target,
                  insn.size,
                  Operands.register(core, insn, insn.source, insn.size)));

  private static final Handler MOVE16 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long[] gpr = core.gpr;
          gpr[insn.target] = gpr[insn.target] & ~0xffffL | gpr[insn.source] & 0xffff;
        }
      };

  private static final Handler MOVE8 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long[] gpr = core.gpr;
          gpr[insn.target] = gpr[insn.target] & ~0xffL | gpr[insn.source] & 0xff;
        }
      };

  private static final Handler LOAD16 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long value = core.load16(core.address(insn, 2, false));
          core.gpr[insn.target] = core.gpr[insn.target] & ~0xffffL | value;
        }
      };

  private static final Handler LOAD8 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long value = core.load8(core.address(insn, 1, false));
          core.gpr[insn.target] = core.gpr[insn.target] & ~0xffL | value;
        }
      };

  private static final Handler STORE16 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.store16(core.address(insn, 2, true), (int) core.gpr[insn.reg]);
        }
      };

  private static final Handler STORE_IMMEDIATE8 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.store8(core.address(insn, 1, true), (int) insn.immediate);
        }
      };

  private static final Handler STORE_IMMEDIATE16 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.store16(core.address(insn, 2, true), (int) insn.immediate);
        }
      };

  private static final Handler IMMEDIATE =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = insn.immediate;
        }
      };

  private static final Handler IMMEDIATE_ANY =
      Handler.of((core, insn) -> Operands.setRm(core, insn, insn.immediate));

  private static final Handler LOAD64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.load64(core.address(insn, 8, false));
        }
      };

  private static final Handler LOAD32 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.load32(core.address(insn, 4, false)) & 0xffffffffL;
        }
      };

  private static final Handler LOAD_ANY =
      Handler.of((core, insn) -> Operands.setReg(core, insn, Operands.rm(core, insn)));

  private static final Handler STORE64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.store64(core.address(insn, 8, true), core.gpr[insn.reg]);
        }
      };

  private static final Handler STORE32 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.store32(core.address(insn, 4, true), (int) core.gpr[insn.reg]);
        }
      };

  private static final Handler STORE8 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.store8(core.address(insn, 1, true), (int) core.gpr[insn.reg]);
        }
      };

  private static final Handler STORE_ANY =
      Handler.of((core, insn) -> Operands.setRm(core, insn, Operands.reg(core, insn)));

  private static final Handler STORE_IMMEDIATE64 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.store64(core.address(insn, 8, true), insn.immediate);
        }
      };

  private static final Handler STORE_IMMEDIATE32 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.store32(core.address(insn, 4, true), (int) insn.immediate);
        }
      };

  private static final Handler LOAD_ADDRESS =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.effectiveAddress(insn);
        }
      };

  private static final Handler LOAD_ZERO8 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.load8(core.address(insn, 1, false));
        }
      };

  private static final Handler LOAD_ZERO16 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.load16(core.address(insn, 2, false));
        }
      };

  private static final Handler MOVE_ZERO8 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.gpr[insn.rm] & 0xff;
        }
      };

  private static final Handler MOVE_ZERO16 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          core.gpr[insn.target] = core.gpr[insn.rm] & 0xffff;
        }
      };

  private static final class LoadSigned extends Handler {
    private final int from;

    LoadSigned(int from) {
      this.from = from;
    }

    @Override
    public void execute(Core core, Insn insn) {
      long linear = core.address(insn, from, false);
      long value = from == 1 ? (byte) core.load8(linear) : (short) core.load16(linear);
      core.gpr[insn.target] = insn.size == 8 ? value : value & 0xffffffffL;
    }
  }

  private static final class MoveSigned extends Handler {
    private final int from;

    MoveSigned(int from) {
      this.from = from;
    }

    @Override
    public void execute(Core core, Insn insn) {
      long value = Operands.signed(core.gpr[insn.rm], from);
      core.gpr[insn.target] = insn.size == 8 ? value : value & 0xffffffffL;
    }
  }
}
