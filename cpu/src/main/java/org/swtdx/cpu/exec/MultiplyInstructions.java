package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.InstructionFamily;
import org.swtdx.cpu.decode.OpcodeTable;

/** MUL, IMUL, DIV, IDIV, and the sign extensions of the accumulator. */
final class MultiplyInstructions implements InstructionFamily {
  private static final int RAX = 0;
  private static final int RDX = 2;

  MultiplyInstructions() {}

  @Override
  public void register(OpcodeTable table) {
    for (int low = 0; low < 2; low++) {
      table.group(0, OpcodeTable.ANY, 0xf6 + low, 4, insn -> MULTIPLY_UNSIGNED);
      table.group(0, OpcodeTable.ANY, 0xf6 + low, 5, insn -> MULTIPLY_SIGNED);
      table.group(0, OpcodeTable.ANY, 0xf6 + low, 6, insn -> DIVIDE_UNSIGNED);
      table.group(0, OpcodeTable.ANY, 0xf6 + low, 7, insn -> DIVIDE_SIGNED);
    }
    table.legacy(
        1,
        OpcodeTable.ANY,
        0xaf,
        insn -> insn.size == 4 && !insn.memory ? MULTIPLY32 : MULTIPLY_TWO);
    table.legacy(0, OpcodeTable.ANY, 0x69, insn -> MULTIPLY_THREE);
    table.legacy(0, OpcodeTable.ANY, 0x6b, insn -> MULTIPLY_THREE);
    table.legacy(0, OpcodeTable.ANY, 0x98, insn -> EXTEND_ACCUMULATOR);
    table.legacy(0, OpcodeTable.ANY, 0x99, insn -> EXTEND_TO_PAIR);
  }

  private static final Handler EXTEND_ACCUMULATOR =
      Handler.of(
          (core, insn) -> {
            long value = Operands.signed(core.gpr[RAX], insn.size / 2);
            Operands.setRegister(core, insn, RAX, insn.size, value);
          });

  private static final Handler EXTEND_TO_PAIR =
      Handler.of(
          (core, insn) -> {
            long sign = Operands.signed(core.gpr[RAX], insn.size) >> 63;
            Operands.setRegister(core, insn, RDX, insn.size, sign);
          });

  private static final Handler MULTIPLY32 =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long product = (long) (int) core.gpr[insn.reg] * (int) core.gpr[insn.rm];
          int result = (int) product;
          core.gpr[insn.reg] = result & 0xffffffffL;
          boolean lost = result != product;
          core.flags.shift(result, lost, lost);
        }
      };

  private static final Handler MULTIPLY_TWO =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          long b = Operands.rm(core, insn);
          multiply(core, insn, Operands.reg(core, insn), b);
        }
      };

  private static final Handler MULTIPLY_THREE =
      new Handler() {
        @Override
        public void execute(Core core, Insn insn) {
          multiply(core, insn, Operands.rm(core, insn), insn.immediate);
        }
      };

  /**
   * Two- and three-operand IMUL: the product is truncated, CF and OF say whether it did not fit.
   */
  private static void multiply(Core core, Insn insn, long x, long y) {
    int size = insn.size;
    long a = Operands.signed(x, size);
    long b = Operands.signed(y, size);
    long product = a * b;
    long result = Operands.signed(product, size);
    boolean lost = size == 8 ? Math.multiplyHigh(a, b) != product >> 63 : result != product;
    Operands.setReg(core, insn, result);
    core.flags.shift(result, lost, lost);
  }

  private static void setPair(Core core, Insn insn, long low, long high) {
    int size = insn.size;
    if (size == 1) {
      core.gpr[RAX] = core.gpr[RAX] & ~0xffffL | low & 0xffff;
    } else {
      Operands.setRegister(core, insn, RAX, size, low);
      Operands.setRegister(core, insn, RDX, size, high);
    }
  }

  private static final Handler MULTIPLY_UNSIGNED =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            long a = Operands.unsigned(core.gpr[RAX], size);
            long b = Operands.rm(core, insn);
            long low = a * b;
            long high = size == 8 ? Math.unsignedMultiplyHigh(a, b) : low >>> 8 * size;
            setPair(core, insn, low, high);
            core.flags.shift(Operands.signed(low, size), high != 0, high != 0);
          });

  private static final Handler MULTIPLY_SIGNED =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            long a = Operands.signed(core.gpr[RAX], size);
            long b = Operands.signed(Operands.rm(core, insn), size);
            long low = a * b;
            long high = size == 8 ? Math.multiplyHigh(a, b) : low >> 8 * size;
            setPair(core, insn, low, high);
            long result = Operands.signed(low, size);
            boolean lost = high != result >> 63;
            core.flags.shift(result, lost, lost);
          });

  private static final Handler DIVIDE_UNSIGNED =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            long divisor = Operands.rm(core, insn);
            if (divisor == 0) {
              throw core.raise(Core.DE);
            }
            if (size == 8) {
              divideUnsigned128(core, divisor);
              return;
            }
            long dividend = dividend(core, size);
            long quotient = Long.divideUnsigned(dividend, divisor);
            if (quotient >>> 8 * size != 0) {
              throw core.raise(Core.DE);
            }
            setQuotient(core, insn, quotient, Long.remainderUnsigned(dividend, divisor));
          });

  private static final Handler DIVIDE_SIGNED =
      Handler.of(
          (core, insn) -> {
            int size = insn.size;
            long divisor = Operands.signed(Operands.rm(core, insn), size);
            if (divisor == 0) {
              throw core.raise(Core.DE);
            }
            if (size == 8) {
              divideSigned128(core, divisor);
              return;
            }
            long dividend = dividend(core, size);
            if (size < 4) {
              dividend = Operands.signed(dividend, size * 2);
            }
            if (dividend == Long.MIN_VALUE && divisor == -1) {
              throw core.raise(Core.DE);
            }
            long quotient = dividend / divisor;
            if (quotient != Operands.signed(quotient, size)) {
              throw core.raise(Core.DE);
            }
            setQuotient(core, insn, quotient, dividend % divisor);
          });

  /** The double-width dividend; zero-extended for bytes and words. */
  private static long dividend(Core core, int size) {
    return switch (size) {
      case 1 -> core.gpr[RAX] & 0xffff;
      case 2 -> (core.gpr[RDX] & 0xffff) << 16 | core.gpr[RAX] & 0xffff;
      default -> core.gpr[RDX] << 32 | core.gpr[RAX] & 0xffffffffL;
    };
  }

  private static void setQuotient(Core core, Insn insn, long quotient, long remainder) {
    if (insn.size == 1) {
      core.gpr[RAX] = core.gpr[RAX] & ~0xffffL | quotient & 0xff | (remainder & 0xff) << 8;
    } else {
      Operands.setRegister(core, insn, RAX, insn.size, quotient);
      Operands.setRegister(core, insn, RDX, insn.size, remainder);
    }
  }

  private static void divideUnsigned128(Core core, long divisor) {
    long high = core.gpr[RDX];
    long low = core.gpr[RAX];
    if (Long.compareUnsigned(high, divisor) >= 0) {
      throw core.raise(Core.DE);
    }
    long quotient;
    if (high == 0) {
      quotient = Long.divideUnsigned(low, divisor);
    } else {
      quotient = longDivision(high, low, divisor);
    }
    core.gpr[RAX] = quotient;
    core.gpr[RDX] = low - quotient * divisor;
  }

  private static void divideSigned128(Core core, long divisor) {
    long high = core.gpr[RDX];
    long low = core.gpr[RAX];
    boolean negative = high < 0;
    if (negative) {
      low = -low;
      high = ~high + (low == 0 ? 1 : 0);
    }
    long magnitude = Math.abs(divisor); // MIN_VALUE stays, which is right when taken as unsigned
    if (Long.compareUnsigned(high, magnitude) >= 0) {
      throw core.raise(Core.DE);
    }
    long quotient =
        high == 0 ? Long.divideUnsigned(low, magnitude) : longDivision(high, low, magnitude);
    long remainder = low - quotient * magnitude;
    boolean negativeQuotient = negative != divisor < 0;
    boolean fits = quotient >= 0 || negativeQuotient && quotient == Long.MIN_VALUE;
    if (!fits) {
      throw core.raise(Core.DE);
    }
    core.gpr[RAX] = negativeQuotient ? -quotient : quotient;
    core.gpr[RDX] = negative ? -remainder : remainder;
  }

  /** Quotient of {@code high:low} by {@code divisor}, all unsigned, {@code high < divisor}. */
  private static long longDivision(long high, long low, long divisor) {
    long remainder = high;
    long quotient = 0;
    for (int bit = 63; bit >= 0; bit--) {
      boolean carry = remainder < 0;
      remainder = remainder << 1 | low >>> bit & 1;
      if (carry || Long.compareUnsigned(remainder, divisor) >= 0) {
        remainder -= divisor;
        quotient |= 1L << bit;
      }
    }
    return quotient;
  }
}
