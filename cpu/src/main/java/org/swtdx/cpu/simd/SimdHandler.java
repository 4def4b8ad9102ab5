package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;

/**
 * What all vector handlers share: the checks of CR0.EM, CR0.TS, CR4.OSFXSR and XCR0 (SDM Vol. 2A
 * 2.5, Vol. 3A 15.1) and the alignment rule of 128-bit memory operands.
 */
abstract class SimdHandler extends Handler {
  static final int UD = 6;
  static final int NM = 7;
  static final int GP = 13;
  private static final long CR0_EM_TS = 0xc;
  private static final long CR0_EM = 4;
  private static final long CR4_OSFXSR = 1 << 9;
  private static final long CR4_OSXSAVE = 1 << 18;

  /** Raises #UD or #NM when legacy SSE instructions are disabled. */
  static void checkSse(Core c) {
    if ((c.cr0 & CR0_EM_TS | ~c.cr4 & CR4_OSFXSR) != 0) {
      throw c.raise((c.cr0 & CR0_EM) != 0 || (c.cr4 & CR4_OSFXSR) == 0 ? UD : NM);
    }
  }

  /** Raises #UD or #NM when AVX instructions are disabled. */
  static void checkAvx(Core c) {
    if ((c.cr4 & CR4_OSXSAVE) == 0 || (c.xcr0 & 6) != 6) {
      throw c.raise(UD);
    }
    if ((c.cr0 & 8) != 0) {
      throw c.raise(NM);
    }
  }

  /** {@link #checkAvx} or {@link #checkSse}. */
  static void check(Core c, boolean vex) {
    if (vex) {
      checkAvx(c);
    } else {
      checkSse(c);
    }
  }

  /** A handler of a rarely executed legacy SSE instruction. */
  static Handler sse(Operation operation) {
    return new Checked(operation, false);
  }

  /** A handler of a rarely executed AVX instruction. */
  static Handler avx(Operation operation) {
    return new Checked(operation, true);
  }

  private static final class Checked extends SimdHandler {
    private final Operation operation;
    private final boolean vex;

    Checked(Operation operation, boolean vex) {
      this.operation = operation;
      this.vex = vex;
    }

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      operation.execute(c, i);
    }
  }

  /** Linear address of a 16-byte operand that has to be aligned. */
  static long aligned(Core c, Insn i, int size, boolean write) {
    long address = c.address(i, size, write);
    if ((address & size - 1) != 0) {
      throw c.raise(GP, 0);
    }
    return address;
  }

  /** Loads {@code size} (1, 2, 4, 8) bytes, zero-extended. */
  static long loadPart(Core c, Insn i, int size) {
    long address = c.address(i, size, false);
    return switch (size) {
      case 1 -> c.load8(address) & 0xffL;
      case 2 -> c.load16(address) & 0xffffL;
      case 4 -> c.load32(address) & 0xffff_ffffL;
      default -> c.load64(address);
    };
  }

  /** Stores 16 bytes, wholly or not at all. */
  static void store128(Core c, long address, long lo, long hi) {
    if ((address & 15) != 0) {
      c.probeWrite(address, 16);
    }
    c.store64(address, lo);
    c.store64(address + 8, hi);
  }

  /** Clears bits 255:128 of the YMM register at vector index {@code d}. */
  static void clearUpper(long[] v, int d) {
    v[d + 2] = 0;
    v[d + 3] = 0;
  }
}
