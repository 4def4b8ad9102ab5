package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Flags;

/** The two-operand operations in the order of their opcodes, and the one-operand ones. */
final class Alu {
  static final int ADD = 0,
      OR = 1,
      ADC = 2,
      SBB = 3,
      AND = 4,
      SUB = 5,
      XOR = 6,
      CMP = 7,
      TEST = 8,
      INC = 9,
      DEC = 10,
      NEG = 11,
      NOT = 12;

  private Alu() {}

  /** Whether the operation writes its destination. */
  static boolean writes(int operation) {
    return operation != CMP && operation != TEST;
  }

  /** The result, sign-extended; operands are sign-extended from {@code size}. */
  static long result(int operation, long a, long b, int carry, int size) {
    long r =
        switch (operation) {
          case ADD -> a + b;
          case OR -> a | b;
          case ADC -> a + b + carry;
          case SBB -> a - b - carry;
          case AND, TEST -> a & b;
          case SUB, CMP -> a - b;
          case XOR -> a ^ b;
          case INC -> a + 1;
          case DEC -> a - 1;
          case NEG -> -a;
          default -> ~a;
        };
    return Operands.signed(r, size);
  }

  /** Sets the flags that {@code operation} with result {@code r} sets. */
  static void flags(Flags flags, int operation, long a, long b, long r, int size) {
    switch (operation) {
      case ADD, ADC -> flags.add(a, b, r);
      case SUB, SBB, CMP -> flags.subtract(a, b, r);
      case OR, AND, XOR, TEST -> flags.logic(r);
      case INC -> flags.increment(a, r, r == minimum(size));
      case DEC -> flags.increment(a, r, a == minimum(size));
      case NEG -> flags.subtract(0, a, r);
      default -> {} // NOT changes no flags
    }
  }

  private static long minimum(int size) {
    return -1L << (size * 8 - 1);
  }
}
