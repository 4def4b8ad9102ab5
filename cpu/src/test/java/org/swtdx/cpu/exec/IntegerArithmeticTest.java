package org.swtdx.cpu.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.testkit.Snippet;

class IntegerArithmeticTest {
  private static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3;
  private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

  private final Snippet snippet = Snippet.in64();
  private final Core core = snippet.core;

  @AfterEach
  void close() {
    snippet.close();
  }

  private void run(String hex) {
    assertThat(snippet.run(hex)).isEqualTo(Core.UD);
    assertThat(core.rip).isEqualTo(Snippet.CODE + hex.replace(" ", "").length() / 2);
  }

  @ParameterizedTest
  @CsvSource({
    // code, rax before, rcx, rax after, status flags
    "48 01 c8, 7fffffffffffffff, 1, 8000000000000000, 894",
    "01 c8, ffffffffffffffff, 1, 0, 55",
    "66 01 c8, ffffffffffffffff, 1, ffffffffffff0000, 55",
    "00 c8, 11ff, 1, 1100, 55",
    "00 cc, ff00, 1, 0, 55",
    "48 29 c8, 0, 1, ffffffffffffffff, 95",
    "29 c8, 5, 5, 0, 44",
    "48 39 c8, 1, 2, 1, 95",
    "48 83 e8 80, 0, 0, 80, 1",
    "48 31 c0, 1234, 0, 0, 44",
    "09 c8, f0f0f0f000000000, f, f, 4",
    "66 21 c8, ffff1234, ff00, ffff1200, 4",
    "f9 48 11 c8, ffffffffffffffff, 0, 0, 55",
    "f9 48 19 c8, 0, 0, ffffffffffffffff, 95",
    "f9 ff c0, ffffffff, 0, 0, 55",
    "48 ff c8, 8000000000000000, 0, 7fffffffffffffff, 814",
    "f7 d8, 80000000, 0, 80000000, 885",
    "f6 d8, 0, 0, 0, 44",
    "f9 48 f7 d0, 0, 0, ffffffffffffffff, 1",
    "a8 80, 80, 0, 80, 80",
    "40 84 e4, 0, 0, 0, 44",
  })
  void resultsAndFlagsOfTheAlu(String code, String rax, String rcx, String after, String status) {
    core.gpr[RAX] = Long.parseUnsignedLong(rax, 16);
    core.gpr[RCX] = Long.parseUnsignedLong(rcx, 16);

    run(code);

    assertThat(core.gpr[RAX]).isEqualTo(Long.parseUnsignedLong(after, 16));
    assertThat(core.flags.status()).isEqualTo(Integer.parseInt(status, 16));
  }

  @Test
  void memoryFormsEqualRegisterForms() {
    Random random = new Random(1);
    for (int op = 0; op < 8; op++) {
      for (String prefix : new String[] {"48 ", "", "66 "}) {
        memoryFormEqualsRegisterForm(op, prefix, random);
      }
    }
  }

  private void memoryFormEqualsRegisterForm(int op, String prefix, Random random) {
    for (int i = 0; i < 20; i++) {
      long a = random.nextLong() >> random.nextInt(64);
      long b = random.nextLong() >> random.nextInt(64);
      core.flags.setStatus(i & 1);
      core.gpr[RAX] = a;
      core.gpr[RCX] = b;
      run("%s %02x c8".formatted(prefix, op << 3 | 1));
      long mask = prefix.equals("48 ") ? -1 : prefix.isEmpty() ? 0xffffffffL : 0xffff;
      long result = core.gpr[RAX] & mask;
      int status = core.flags.status();

      core.flags.setStatus(i & 1);
      core.store64(Snippet.DATA, a);
      core.gpr[RCX] = b;
      run("%s %02x 0b".formatted(prefix, op << 3 | 1));
      assertThat(core.load64(Snippet.DATA) & mask).isEqualTo(result);
      assertThat(core.load64(Snippet.DATA) & ~mask).isEqualTo(a & ~mask);
      assertThat(core.flags.status()).isEqualTo(status);

      core.flags.setStatus(i & 1);
      core.store64(Snippet.DATA, b);
      core.gpr[RAX] = a;
      run("%s %02x 03".formatted(prefix, op << 3 | 3));
      assertThat(core.gpr[RAX] & mask).isEqualTo(result);
      assertThat(core.flags.status()).isEqualTo(status);
    }
  }

  @Test
  void multiplicationIsThatOfBigIntegers() {
    Random random = new Random(2);
    for (int i = 0; i < 500; i++) {
      long a = random.nextLong() >> random.nextInt(64);
      long b = random.nextLong() >> random.nextInt(64);
      core.gpr[RAX] = a;
      core.gpr[RCX] = b;
      run("48 f7 e1");
      BigInteger product = unsigned(a).multiply(unsigned(b));
      assertThat(core.gpr[RAX]).isEqualTo(product.longValue());
      assertThat(core.gpr[RDX]).isEqualTo(product.shiftRight(64).longValue());
      assertThat(core.flags.cf()).isEqualTo(product.bitLength() > 64);
      assertThat(core.flags.of()).isEqualTo(core.flags.cf());

      core.gpr[RAX] = a;
      run("48 f7 e9");
      product = BigInteger.valueOf(a).multiply(BigInteger.valueOf(b));
      assertThat(core.gpr[RDX]).isEqualTo(product.shiftRight(64).longValue());
      assertThat(core.flags.cf()).isEqualTo(product.bitLength() > 63);

      core.gpr[RAX] = a;
      run("48 0f af c1");
      assertThat(core.gpr[RAX]).isEqualTo(product.longValue());
      assertThat(core.flags.of()).isEqualTo(product.bitLength() > 63);
    }
  }

  private static BigInteger unsigned(long value) {
    return value < 0 ? BigInteger.valueOf(value).add(TWO_64) : BigInteger.valueOf(value);
  }

  @Test
  void divisionIsThatOfBigIntegersOrFaults() {
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      long high = random.nextLong() >> random.nextInt(64);
      long low = random.nextLong();
      long divisor = random.nextLong() >> random.nextInt(64);
      divide("48 f7 f1", high, low, divisor, false);
      divide("48 f7 f9", high, low, divisor, true);
    }
    divide("48 f7 f9", -1, Long.MIN_VALUE, -1, true);
    divide("48 f7 f9", -1, Long.MIN_VALUE, 1, true);
    divide("48 f7 f9", Long.MIN_VALUE, 0, Long.MIN_VALUE, true);
  }

  private void divide(String code, long high, long low, long divisor, boolean signed) {
    core.gpr[RDX] = high;
    core.gpr[RAX] = low;
    core.gpr[RCX] = divisor;
    BigInteger h = signed ? BigInteger.valueOf(high) : unsigned(high);
    BigInteger dividend = h.shiftLeft(64).or(unsigned(low));
    BigInteger d = signed ? BigInteger.valueOf(divisor) : unsigned(divisor);
    int vector = snippet.run(code);
    if (d.signum() != 0) {
      BigInteger[] expected = dividend.divideAndRemainder(d);
      int bits = expected[0].bitLength();
      if (bits < 64 || !signed && bits == 64) {
        assertThat(vector).isEqualTo(Core.UD);
        assertThat(core.gpr[RAX]).isEqualTo(expected[0].longValue());
        assertThat(core.gpr[RDX]).isEqualTo(expected[1].longValue());
        return;
      }
    }
    assertThat(vector).isEqualTo(Core.DE);
    assertThat(core.gpr[RAX]).isEqualTo(low);
    assertThat(core.rip).isEqualTo(Snippet.CODE);
  }

  @ParameterizedTest
  @CsvSource({
    // code, rax, rdx, rcx, vector, rax after, rdx after
    "f6 f1, 5000, 0, 20, 0, 5000, 0",
    "f6 f1, 0234, 0, 20, 6, 1411, 0",
    "f6 f9, ff80, 0, 1, 6, 80, 0",
    "f6 f9, ff00, 0, 1, 0, ff00, 0",
    "66 f7 f9, ffff, ffff, 2, 6, 0, ffff",
    "f7 f1, 0, 1, 2, 6, 80000000, 0",
    "f7 f9, 80000000, ffffffff, ffffffff, 0, 80000000, ffffffff",
  })
  void narrowDivisions(
      String code,
      String rax,
      String rdx,
      String rcx,
      int vector,
      String raxAfter,
      String rdxAfter) {
    core.gpr[RAX] = Long.parseUnsignedLong(rax, 16);
    core.gpr[RDX] = Long.parseUnsignedLong(rdx, 16);
    core.gpr[RCX] = Long.parseUnsignedLong(rcx, 16);

    assertThat(snippet.run(code)).isEqualTo(vector);

    assertThat(core.gpr[RAX]).isEqualTo(Long.parseUnsignedLong(raxAfter, 16));
    assertThat(core.gpr[RDX]).isEqualTo(Long.parseUnsignedLong(rdxAfter, 16));
  }

  /** Shifts one bit at a time, the way the SDM's pseudocode does. */
  private static long[] referenceShift(int operation, long value, int count, int bits, boolean cf) {
    long mask = bits == 64 ? -1 : (1L << bits) - 1;
    long top = 1L << bits - 1;
    long v = value & mask;
    boolean carry = cf;
    for (int i = 0; i < count; i++) {
      boolean high = (v & top) != 0;
      boolean low = (v & 1) != 0;
      long in = carry ? 1 : 0;
      v =
          switch (operation) {
            case 0 -> v << 1 & mask | (high ? 1 : 0);
            case 1 -> v >>> 1 | (low ? top : 0);
            case 2 -> v << 1 & mask | in;
            case 3 -> v >>> 1 | (carry ? top : 0);
            case 4 -> v << 1 & mask;
            case 5 -> v >>> 1;
            default -> v >>> 1 | (high ? top : 0);
          };
      carry = (operation & 1) == 0 ? high : low;
    }
    return new long[] {v, carry ? 1 : 0};
  }

  @Test
  void shiftsAndRotatesEqualTheirStepwiseDefinition() {
    Random random = new Random(4);
    int[] operations = {0, 1, 2, 3, 4, 5, 7};
    for (int operation : operations) {
      for (int size = 1; size <= 8; size *= 2) {
        for (int count = 0; count < 70; count++) {
          compareShift(operation, size, count, random);
        }
      }
    }
  }

  private void compareShift(int operation, int size, int count, Random random) {
    int bits = size * 8;
    int effective = count & (size == 8 ? 63 : 31);
    long value = random.nextLong();
    boolean cf = random.nextBoolean();
    String prefix = size == 8 ? "48 " : size == 2 ? "66 " : "";
    int opcode = size == 1 ? 0xc0 : 0xc1;
    int steps = operation == 2 || operation == 3 ? effective % (bits + 1) : effective;
    long[] expected = referenceShift(operation, value, steps, bits, cf);
    String[] codes = {
      "%s %02x %02x %02x".formatted(prefix, opcode, 0xc0 | operation << 3, count),
      "%s %02x %02x".formatted(prefix, opcode + 0x12, 0xc0 | operation << 3)
    };
    for (String code : codes) {
      core.gpr[RAX] = value;
      core.gpr[RCX] = count;
      core.flags.setStatus(cf ? Flags.CF : 0);
      run(code);
      long mask = bits == 64 ? -1 : (1L << bits) - 1;
      assertThat(core.gpr[RAX] & mask).as("%s of %x", code, value).isEqualTo(expected[0]);
      boolean comparable = effective > 0 && (operation < 4 || effective <= bits);
      if (comparable || effective == 0) {
        assertThat(core.flags.carryBit()).as("CF of %s", code).isEqualTo((int) expected[1]);
      }
      if (operation >= 4 && effective > 0) {
        assertThat(core.flags.zf()).isEqualTo(expected[0] == 0);
      }
    }
  }

  @Test
  void doubleShiftsConcatenateTheirOperands() {
    Random random = new Random(5);
    for (int count = 1; count < 64; count++) {
      long a = random.nextLong();
      long b = random.nextLong();
      core.gpr[RAX] = a;
      core.gpr[RDX] = b;
      core.gpr[RCX] = count;
      run("48 0f a5 d0");
      assertThat(core.gpr[RAX]).isEqualTo(a << count | b >>> 64 - count);
      core.gpr[RAX] = a;
      run("48 0f ad d0");
      assertThat(core.gpr[RAX]).isEqualTo(a >>> count | b << 64 - count);
      assertThat(core.flags.cf()).isEqualTo((a >>> count - 1 & 1) != 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0f b6 c4, ab12, 0, ab",
    "0f be c1, 0, 80, ffffff80",
    "48 0f be c1, 0, 80, ffffffffffffff80",
    "66 0f be c1, ffffffff0000, 80, ffffffffff80",
    "48 63 c1, 0, 80000000, ffffffff80000000",
    "48 98, 80000000, 0, ffffffff80000000",
    "98, ffffffffffff8000, 0, ffff8000",
    "66 98, ffffffffffff0080, 0, ffffffffffffff80",
    "0f c8, 11223344, 0, 44332211",
    "48 0f c8, 1122334455667788, 0, 8877665544332211",
    "48 8d 44 08 01, 10, 20, 31",
    "8d 40 ff, 0, 0, ffffffff",
    "67 48 8d 40 ff, 0, 0, ffffffff",
    "66 8d 40 ff, ab0000, 0, abffff",
    "b4 7f, 0, 0, 7f00",
    "40 b4 7f, 55, 0, 55",
    "b8 ff ff ff ff, 0, 0, ffffffff",
    "48 c7 c0 ff ff ff ff, 0, 0, ffffffffffffffff",
    "0f 44 c1, ffffffff00000001, 2, 1",
    "48 91, 1, 2, 2",
    "0f 95 c0, aa00, 0, aa01",
    "f3 0f b8 c1, 0, ff00ff, 10",
    "f3 0f bc c1, 0, 0, 20",
    "f3 48 0f bd c1, 0, 1, 3f",
    "0f bc c1, 77, 8, 3",
    "0f bd c1, 77, 80000000, 1f",
    "0f bc c1, 77, 0, 77",
    "f2 48 0f 38 f1 c1, 0, 123456789abcdef0, aa8c2b3e",
    "c4 e2 f8 f2 c1, 0, ff, ff",
  })
  void movesAndScansOfRegisters(String code, String rax, String rcx, String after) {
    core.gpr[RAX] = Long.parseUnsignedLong(rax, 16);
    core.gpr[RCX] = Long.parseUnsignedLong(rcx, 16);

    run(code);

    assertThat(Long.toHexString(core.gpr[RAX])).isEqualTo(after);
  }

  @Test
  void bitStringsReachBeyondTheOperand() {
    core.gpr[RAX] = -9;
    core.store8(Snippet.DATA - 2, 0x80);
    run("48 0f b3 03");
    assertThat(core.flags.cf()).isTrue();
    assertThat(core.load8(Snippet.DATA - 2)).isZero();

    core.gpr[RAX] = 64 * 8 + 5;
    run("0f ab 03");
    assertThat(core.flags.cf()).isFalse();
    assertThat(core.load8(Snippet.DATA + 64)).isEqualTo(0x20);

    run("0f ba 3b 25");
    assertThat(core.load8(Snippet.DATA)).isEqualTo(0x20);
  }

  @Test
  void bmiInstructionsUseTheirThreeOperands() {
    core.gpr[RBX] = 0x0ff0;
    core.gpr[RCX] = 0x0804;
    run("c4 e2 70 f7 c3"); // BEXTR eax, ebx, ecx
    assertThat(core.gpr[RAX]).isEqualTo(0xff);
    run("c4 e2 62 f5 c1"); // PEXT eax, ebx, ecx
    assertThat(core.gpr[RAX]).isEqualTo(2);
    run("c4 e2 63 f5 c1"); // PDEP eax, ebx, ecx
    assertThat(core.gpr[RAX]).isZero();
    run("c4 e3 7b f0 c3 04"); // RORX eax, ebx, 4
    assertThat(core.gpr[RAX]).isEqualTo(0xff);
    run("c4 e2 60 f3 c9"); // BLSR ebx, ecx
    assertThat(core.gpr[RBX]).isEqualTo(0x800);
    core.gpr[RDX] = -1;
    core.gpr[RCX] = -1;
    run("c4 e2 e3 f6 c1"); // MULX rax, rbx, rcx
    assertThat(core.gpr[RAX]).isEqualTo(-2);
    assertThat(core.gpr[RBX]).isEqualTo(1);
  }

  @Test
  void adcxAndAdoxCarryInDifferentFlags() {
    core.gpr[RAX] = -1;
    core.gpr[RCX] = 0;
    core.flags.setStatus(Flags.CF | Flags.ZF);
    run("66 48 0f 38 f6 c1");
    assertThat(core.gpr[RAX]).isZero();
    assertThat(core.flags.status()).isEqualTo(Flags.CF | Flags.ZF);
    core.gpr[RAX] = -1;
    core.gpr[RCX] = 1;
    run("f3 48 0f 38 f6 c1");
    assertThat(core.flags.status()).isEqualTo(Flags.CF | Flags.ZF | Flags.OF);
  }

  @ParameterizedTest
  @CsvSource({
    "27, 9a, 0, 0, 11",
    "27, 79, 10, 7f, 10",
    "2f, 5, 11, 9f, 95",
    "37, 000f, 0, 105, 15",
    "3f, 0105, 10, ff0f, 15",
    "d4 0a, 63, 0, 909, 4",
    "d5 0a, 0909, 0, 63, 4",
  })
  void decimalAdjustments(String code, String ax, String status, String after, String statusAfter) {
    try (Snippet in32 = Snippet.in32()) {
      in32.core.gpr[RAX] = Long.parseLong(ax, 16);
      in32.core.flags.setStatus(Integer.parseInt(status, 16));

      in32.run(code);

      assertThat(in32.core.gpr[RAX]).isEqualTo(Long.parseLong(after, 16));
      int mask = Flags.CF | Flags.AF;
      assertThat(in32.core.flags.status() & mask)
          .isEqualTo(Integer.parseInt(statusAfter, 16) & mask);
    }
  }
}
