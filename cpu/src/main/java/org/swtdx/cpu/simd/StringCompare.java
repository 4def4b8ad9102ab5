package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;

/** PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM Vol. 2B 4.1). */
final class StringCompare {
  private StringCompare() {}

  static void execute(Core c, Insn i, boolean implicit, boolean index, boolean vex) {
    long[] v = c.vec;
    int s = i.reg << 2;
    long b0;
    long b1;
    if (i.memory) {
      long address = c.address(i, 16, false);
      b0 = c.load64(address);
      b1 = c.load64(address + 8);
    } else {
      b0 = v[i.rm << 2];
      b1 = v[(i.rm << 2) + 1];
    }
    int imm = (int) i.immediate & 0x7f;
    int n = (imm & 1) != 0 ? 8 : 16;
    boolean wide = i.has(Insn.W) && i.is64();
    int length1 = implicit ? terminated(v[s], v[s + 1], imm) : explicit(c.gpr[0], wide, n);
    int length2 = implicit ? terminated(b0, b1, imm) : explicit(c.gpr[2], wide, n);
    int result = aggregate(v[s], v[s + 1], length1, b0, b1, length2, imm);
    int full = (1 << n) - 1;
    if ((imm & 0x30) == 0x10) {
      result = ~result & full;
    } else if ((imm & 0x30) == 0x30) {
      result ^= (1 << length2) - 1;
    }
    if (index) {
      int none = Integer.numberOfTrailingZeros(1 << n);
      int at =
          result == 0
              ? none
              : (imm & 0x40) != 0
                  ? 31 - Integer.numberOfLeadingZeros(result)
                  : Integer.numberOfTrailingZeros(result);
      c.gpr[1] = at;
    } else {
      mask(v, result, imm);
      if (vex) {
        SimdHandler.clearUpper(v, 0);
      }
    }
    c.flags.setStatus(
        (result != 0 ? Flags.CF : 0)
            | (length2 < n ? Flags.ZF : 0)
            | (length1 < n ? Flags.SF : 0)
            | ((result & 1) != 0 ? Flags.OF : 0));
  }

  private static void mask(long[] v, int result, int imm) {
    if ((imm & 0x40) == 0) {
      v[0] = result;
      v[1] = 0;
      return;
    }
    int bits = (imm & 1) != 0 ? 16 : 8;
    long[] halves = new long[2];
    for (int k = 0; k < 128 / bits; k++) {
      if ((result >> k & 1) != 0) {
        halves[k * bits / 64] |= (bits == 8 ? 0xffL : 0xffffL) << k * bits % 64;
      }
    }
    v[0] = halves[0];
    v[1] = halves[1];
  }

  /** Length from EAX or EDX: absolute value, saturated. */
  private static int explicit(long register, boolean wide, int n) {
    long value = wide ? register : (int) register;
    long magnitude = Math.abs(value);
    return magnitude < 0 || magnitude > n ? n : (int) magnitude;
  }

  private static int terminated(long lo, long hi, int imm) {
    int n = (imm & 1) != 0 ? 8 : 16;
    for (int k = 0; k < n; k++) {
      if (element(lo, hi, k, imm) == 0) {
        return k;
      }
    }
    return n;
  }

  /** Element {@code k} by the source format: unsigned or signed, byte or word. */
  private static int element(long lo, long hi, int k, int imm) {
    int bits = (imm & 1) != 0 ? 16 : 8;
    long x = (k * bits < 64 ? lo : hi) >>> k * bits % 64;
    return switch (imm & 3) {
      case 0 -> (int) x & 0xff;
      case 1 -> (int) x & 0xffff;
      case 2 -> (byte) x;
      default -> (short) x;
    };
  }

  private static int aggregate(
      long a0, long a1, int length1, long b0, long b1, int length2, int imm) {
    int n = (imm & 1) != 0 ? 8 : 16;
    int result = 0;
    for (int j = 0; j < n; j++) {
      boolean bit =
          switch (imm >> 2 & 3) {
            case 0 -> anyOf(a0, a1, length1, element(b0, b1, j, imm), j < length2, imm);
            case 1 -> inRanges(a0, a1, length1, element(b0, b1, j, imm), j < length2, imm);
            case 2 -> {
              boolean valid1 = j < length1;
              boolean valid2 = j < length2;
              yield valid1 && valid2
                  ? element(a0, a1, j, imm) == element(b0, b1, j, imm)
                  : valid1 == valid2;
            }
            default -> ordered(a0, a1, length1, b0, b1, length2, j, imm);
          };
      result |= bit ? 1 << j : 0;
    }
    return result;
  }

  private static boolean anyOf(long a0, long a1, int length1, int x, boolean valid, int imm) {
    for (int k = 0; valid && k < length1; k++) {
      if (element(a0, a1, k, imm) == x) {
        return true;
      }
    }
    return false;
  }

  private static boolean inRanges(long a0, long a1, int length1, int x, boolean valid, int imm) {
    for (int k = 0; valid && k + 1 < length1; k += 2) {
      if (x >= element(a0, a1, k, imm) && x <= element(a0, a1, k + 1, imm)) {
        return true;
      }
    }
    return false;
  }

  /** Equal ordered: whether the first string occurs in the second at {@code j}. */
  private static boolean ordered(
      long a0, long a1, int length1, long b0, long b1, int length2, int j, int imm) {
    int n = (imm & 1) != 0 ? 8 : 16;
    for (int k = 0; k < length1 && j + k < n; k++) {
      if (j + k >= length2 || element(a0, a1, k, imm) != element(b0, b1, j + k, imm)) {
        return false;
      }
    }
    return true;
  }
}
