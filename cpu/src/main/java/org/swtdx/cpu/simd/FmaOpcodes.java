package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F38;
import static org.swtdx.cpu.decode.OpcodeTable.P66;
import static org.swtdx.cpu.simd.SimdTable.W0;
import static org.swtdx.cpu.simd.SimdTable.W1;
import static org.swtdx.cpu.simd.SimdTable.when;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.fpu.FloatUnit;
import org.swtdx.cpu.fpu.SseFma;

/** Registers FMA3: opcodes 96 to BF of map 0F38; the upper digit tells the operand order. */
final class FmaOpcodes {
  private static final long LOW32 = 0xffff_ffffL;
  private final SimdTable t;

  FmaOpcodes(SimdTable t) {
    this.t = t;
  }

  void register() {
    for (int order = 0; order < 3; order++) {
      int row = 0x90 + 0x10 * order;
      for (int column = 6; column < 16; column++) {
        boolean scalar = column >= 8 && (column & 1) != 0;
        t.table.vex(MAP_0F38, P66, row + column, when(W0, new Fma(order, column, scalar, false)));
        t.table.vex(MAP_0F38, P66, row + column, when(W1, new Fma(order, column, scalar, true)));
      }
    }
  }

  /** One instruction of the family. */
  private static final class Fma extends SimdHandler {
    private final int order;
    private final boolean scalar;
    private final boolean wide;
    private final boolean negateProduct;

    /** Whether the addend of even and of odd elements is subtracted. */
    private final boolean negateEven;

    private final boolean negateOdd;

    Fma(int order, int column, boolean scalar, boolean wide) {
      this.order = order;
      this.scalar = scalar;
      this.wide = wide;
      negateProduct = column >= 12;
      boolean alternating = column < 8;
      boolean subtract = (column & 2) != 0;
      negateEven = alternating ? column == 6 : subtract;
      negateOdd = alternating ? column == 7 : subtract;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkAvx(c);
      long[] v = c.vec;
      long[] s = c.vectorScratch;
      int halves = scalar ? 1 : i.vectorLength == 0 ? 2 : 4;
      if (scalar && i.memory) {
        s[0] = loadPart(c, i, wide ? 8 : 4);
      } else {
        FloatOps.fetch(c, i, true, halves);
      }
      int d = i.reg << 2;
      int b = i.vvvv << 2;
      FloatUnit u = FloatHandlers.begin(c);
      for (int k = 0; k < halves; k++) {
        s[k] = half(u, v[d + k], v[b + k], s[k], k);
      }
      FloatHandlers.finish(c, u);
      System.arraycopy(s, 0, v, d, halves);
      if (halves < 4) {
        clearUpper(v, d);
      }
    }

    private long half(FloatUnit u, long first, long second, long third, int k) {
      if (wide) {
        boolean negate = (k & 1) == 0 ? negateEven : negateOdd;
        return switch (order) {
          case 0 -> SseFma.fma64(u, first, third, second, negateProduct, negate);
          case 1 -> SseFma.fma64(u, second, first, third, negateProduct, negate);
          default -> SseFma.fma64(u, second, third, first, negateProduct, negate);
        };
      }
      long low = single(u, (int) first, (int) second, (int) third, negateEven) & LOW32;
      if (scalar) {
        return low | first & ~LOW32;
      }
      int high =
          single(u, (int) (first >>> 32), (int) (second >>> 32), (int) (third >>> 32), negateOdd);
      return low | (long) high << 32;
    }

    private int single(FloatUnit u, int first, int second, int third, boolean negate) {
      return switch (order) {
        case 0 -> SseFma.fma32(u, first, third, second, negateProduct, negate);
        case 1 -> SseFma.fma32(u, second, first, third, negateProduct, negate);
        default -> SseFma.fma32(u, second, third, first, negateProduct, negate);
      };
    }
  }
}
