package org.swtdx.cpu.fpu;

import static org.swtdx.cpu.decode.OpcodeTable.ANY;
import static org.swtdx.cpu.decode.OpcodeTable.ONE_BYTE;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.OpcodeTable;

/** The opcode map of the x87: D8 to DF with their ModRM byte, and FWAIT. */
final class X87Instructions {
  /** Memory forms by opcode and ModRM.reg, register forms by opcode and ModRM. */
  private final @Nullable Handler[] memory = new @Nullable Handler[64];

  private final @Nullable Handler[] register = new @Nullable Handler[512];

  private X87Instructions() {}

  static void register(OpcodeTable table) {
    X87Instructions x = new X87Instructions();
    x.arithmetic();
    x.transfers();
    x.integers();
    x.control();
    x.compares();
    x.functions();
    for (int opcode = 0xd8; opcode <= 0xdf; opcode++) {
      table.legacy(ONE_BYTE, ANY, opcode, x::select);
    }
    Handler wait = Handler.of(X87Control::await);
    table.legacy(ONE_BYTE, ANY, 0x9b, i -> wait);
  }

  private @Nullable Handler select(Insn i) {
    return i.memory
        ? memory[(i.opcode & 7) * 8 + i.extension()]
        : register[(i.opcode & 7) * 64 + (i.modrm & 63)];
  }

  private void memory(int opcode, int extension, Handler.Operation operation) {
    memory[(opcode & 7) * 8 + extension] = Handler.of(operation);
  }

  /** One register form. */
  private void exact(int opcode, int modrm, Handler.Operation operation) {
    register[(opcode & 7) * 64 + (modrm & 63)] = Handler.of(operation);
  }

  /** Eight register forms, one for each ST(k). */
  private void stack(int opcode, int modrm, Handler.Operation operation) {
    Handler handler = Handler.of(operation);
    for (int k = 0; k < 8; k++) {
      register[(opcode & 7) * 64 + (modrm + k & 63)] = handler;
    }
  }

  private void arithmetic() {
    for (int op = 0; op < 8; op++) {
      memory(0xd8, op, (c, i) -> X87Arithmetic.memory(c, i, X87Arithmetic::single));
      memory(0xdc, op, (c, i) -> X87Arithmetic.memory(c, i, X87Arithmetic::dual));
      memory(0xda, op, (c, i) -> X87Arithmetic.memory(c, i, X87Arithmetic::doubleword));
      memory(0xde, op, (c, i) -> X87Arithmetic.memory(c, i, X87Arithmetic::word));
      if (op == 2 || op == 3) {
        continue;
      }
      int operation = op;
      // With ST(k) as destination the encodings of subtract/divide and reversed are exchanged.
      int exchanged = op >= 4 ? op ^ 1 : op;
      int modrm = 0xc0 + 8 * op;
      stack(0xd8, modrm, (c, i) -> X87Arithmetic.registers(c, i, operation, 0, false));
      stack(0xdc, modrm, (c, i) -> X87Arithmetic.registers(c, i, exchanged, i.modrm & 7, false));
      stack(0xde, modrm, (c, i) -> X87Arithmetic.registers(c, i, exchanged, i.modrm & 7, true));
    }
    exact(0xd9, 0xfa, (c, i) -> X87Arithmetic.unary(c, i, true));
    exact(0xd9, 0xfc, (c, i) -> X87Arithmetic.unary(c, i, false));
    exact(0xd9, 0xe0, (c, i) -> X87Arithmetic.sign(c, i, true));
    exact(0xd9, 0xe1, (c, i) -> X87Arithmetic.sign(c, i, false));
    exact(0xd9, 0xe4, X87Arithmetic::test);
    exact(0xd9, 0xe5, X87Arithmetic::examine);
  }

  private void compares() {
    for (int opcode : new int[] {0xd8, 0xdc}) {
      stack(opcode, 0xd0, (c, i) -> X87Arithmetic.compareRegisters(c, i, true, 0));
      stack(opcode, 0xd8, (c, i) -> X87Arithmetic.compareRegisters(c, i, true, 1));
    }
    stack(0xde, 0xd0, (c, i) -> X87Arithmetic.compareRegisters(c, i, true, 1));
    exact(0xde, 0xd9, (c, i) -> X87Arithmetic.compareRegisters(c, i, true, 2));
    exact(0xda, 0xe9, (c, i) -> X87Arithmetic.compareRegisters(c, i, false, 2));
    stack(0xdd, 0xe0, (c, i) -> X87Arithmetic.compareRegisters(c, i, false, 0));
    stack(0xdd, 0xe8, (c, i) -> X87Arithmetic.compareRegisters(c, i, false, 1));
    stack(0xdb, 0xe8, (c, i) -> X87Arithmetic.compareToFlags(c, i, false, false));
    stack(0xdb, 0xf0, (c, i) -> X87Arithmetic.compareToFlags(c, i, true, false));
    stack(0xdf, 0xe8, (c, i) -> X87Arithmetic.compareToFlags(c, i, false, true));
    stack(0xdf, 0xf0, (c, i) -> X87Arithmetic.compareToFlags(c, i, true, true));
    int[] conditions = {2, 4, 6, 10};
    for (int k = 0; k < 4; k++) {
      int cc = conditions[k];
      stack(0xda, 0xc0 + 8 * k, (c, i) -> X87Arithmetic.move(c, i, c.flags.test(cc)));
      stack(0xdb, 0xc0 + 8 * k, (c, i) -> X87Arithmetic.move(c, i, c.flags.test(cc + 1)));
    }
  }

  private void transfers() {
    memory(0xd9, 0, (c, i) -> X87Transfers.load(c, i, X87Arithmetic::single));
    memory(0xdd, 0, (c, i) -> X87Transfers.load(c, i, X87Arithmetic::dual));
    memory(0xdb, 5, X87Transfers::loadExtended);
    memory(0xd9, 2, (c, i) -> X87Transfers.storeReal(c, i, false, false));
    memory(0xd9, 3, (c, i) -> X87Transfers.storeReal(c, i, false, true));
    memory(0xdd, 2, (c, i) -> X87Transfers.storeReal(c, i, true, false));
    memory(0xdd, 3, (c, i) -> X87Transfers.storeReal(c, i, true, true));
    memory(0xdb, 7, X87Transfers::storeExtended);
    stack(0xd9, 0xc0, X87Transfers::loadRegister);
    stack(0xd9, 0xc8, X87Transfers::exchange);
    stack(0xdd, 0xc8, X87Transfers::exchange);
    stack(0xdf, 0xc8, X87Transfers::exchange);
    stack(0xd9, 0xd8, X87Transfers::storeUnchecked);
    stack(0xdd, 0xd0, (c, i) -> X87Transfers.storeRegister(c, i, false));
    stack(0xdd, 0xd8, (c, i) -> X87Transfers.storeRegister(c, i, true));
    stack(0xdf, 0xd0, (c, i) -> X87Transfers.storeRegister(c, i, true));
    stack(0xdf, 0xd8, (c, i) -> X87Transfers.storeRegister(c, i, true));
    stack(0xdd, 0xc0, (c, i) -> X87Transfers.free(c, i, false));
    stack(0xdf, 0xc0, (c, i) -> X87Transfers.free(c, i, true));
    exact(0xd9, 0xf6, (c, i) -> X87Transfers.rotate(c, i, -1));
    exact(0xd9, 0xf7, (c, i) -> X87Transfers.rotate(c, i, 1));
    constants();
  }

  private void constants() {
    constant(0xe8, 0x3fff, 0x8000_0000_0000_0000L, false);
    constant(0xe9, 0x4000, 0xd49a_784b_cd1b_8afeL, false);
    constant(0xea, 0x3fff, 0xb8aa_3b29_5c17_f0bcL, true);
    constant(0xeb, 0x4000, 0xc90f_daa2_2168_c235L, true);
    constant(0xec, 0x3ffd, 0x9a20_9a84_fbcf_f799L, true);
    constant(0xed, 0x3ffe, 0xb172_17f7_d1cf_79acL, true);
    constant(0xee, 0, 0, false);
  }

  private void constant(int modrm, int exponent, long significand, boolean up) {
    exact(0xd9, modrm, (c, i) -> X87Transfers.constant(c, i, exponent, significand, up));
  }

  private void integers() {
    memory(0xdf, 0, (c, i) -> X87Transfers.load(c, i, X87Arithmetic::word));
    memory(0xdb, 0, (c, i) -> X87Transfers.load(c, i, X87Arithmetic::doubleword));
    memory(0xdf, 5, (c, i) -> X87Transfers.load(c, i, X87Transfers::quadword));
    integer(0xdf, 2);
    integer(0xdb, 4);
    memory(0xdd, 1, (c, i) -> X87Transfers.storeInteger(c, i, 8, true, true));
    memory(0xdf, 7, (c, i) -> X87Transfers.storeInteger(c, i, 8, true, false));
    memory(0xdf, 4, X87Transfers::loadDecimal);
    memory(0xdf, 6, X87Transfers::storeDecimal);
  }

  private void integer(int opcode, int size) {
    memory(opcode, 1, (c, i) -> X87Transfers.storeInteger(c, i, size, true, true));
    memory(opcode, 2, (c, i) -> X87Transfers.storeInteger(c, i, size, false, false));
    memory(opcode, 3, (c, i) -> X87Transfers.storeInteger(c, i, size, true, false));
  }

  private void control() {
    memory(0xd9, 4, X87Control::loadEnvironment);
    memory(0xd9, 5, X87Control::loadControl);
    memory(0xd9, 6, X87Control::storeEnvironment);
    memory(0xd9, 7, X87Control::storeControl);
    memory(0xdd, 4, X87Control::restore);
    memory(0xdd, 6, X87Control::save);
    memory(0xdd, 7, X87Control::storeStatus);
    exact(0xdf, 0xe0, X87Control::storeStatusInAx);
    exact(0xd9, 0xd0, X87Control::nothing);
    exact(0xdb, 0xe0, X87Control::nothing);
    exact(0xdb, 0xe1, X87Control::nothing);
    exact(0xdb, 0xe2, X87Control::clearExceptions);
    exact(0xdb, 0xe3, X87Control::initialize);
    exact(0xdb, 0xe4, X87Control::nothing);
  }

  private void functions() {
    exact(0xd9, 0xf0, (c, i) -> X87Functions.unary(c, i, Transcendental::powerOfTwoMinusOne));
    exact(0xd9, 0xf1, (c, i) -> X87Functions.binary(c, i, Transcendental::timesLog2));
    exact(0xd9, 0xf3, (c, i) -> X87Functions.binary(c, i, Transcendental::arcTangent));
    exact(0xd9, 0xf9, (c, i) -> X87Functions.binary(c, i, Transcendental::timesLog2PlusOne));
    exact(0xd9, 0xf2, X87Functions::partialTangent);
    exact(0xd9, 0xfb, X87Functions::sineAndCosine);
    exact(0xd9, 0xfe, (c, i) -> X87Functions.trigonometric(c, i, false));
    exact(0xd9, 0xff, (c, i) -> X87Functions.trigonometric(c, i, true));
    exact(0xd9, 0xf4, X87Functions::extract);
    exact(0xd9, 0xf5, (c, i) -> X87Functions.remainder(c, i, true));
    exact(0xd9, 0xf8, (c, i) -> X87Functions.remainder(c, i, false));
    exact(0xd9, 0xfd, X87Functions::scale);
  }
}
