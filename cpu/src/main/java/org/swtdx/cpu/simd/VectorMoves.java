package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Whole-register loads, stores and copies in SSE and AVX form. */
final class VectorMoves {
  private VectorMoves() {}

  /** {@code mov xmm, xmm/m128} without alignment: MOVUPS, MOVDQU, LDDQU. */
  static final class Load extends SimdHandler {
    private final boolean alignment;

    Load(boolean alignment) {
      this.alignment = alignment;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkSse(c);
      long[] v = c.vec;
      int d = i.reg << 2;
      if (i.memory) {
        long address = alignment ? aligned(c, i, 16, false) : c.address(i, 16, false);
        long lo = c.load64(address);
        v[d + 1] = c.load64(address + 8);
        v[d] = lo;
      } else {
        int s = i.rm << 2;
        v[d] = v[s];
        v[d + 1] = v[s + 1];
      }
    }
  }

  /** {@code mov xmm/m128, xmm}. */
  static final class Store extends SimdHandler {
    private final boolean alignment;

    Store(boolean alignment) {
      this.alignment = alignment;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkSse(c);
      long[] v = c.vec;
      int s = i.reg << 2;
      if (i.memory) {
        long address = alignment ? aligned(c, i, 16, true) : c.address(i, 16, true);
        store128(c, address, v[s], v[s + 1]);
      } else {
        int d = i.rm << 2;
        v[d] = v[s];
        v[d + 1] = v[s + 1];
      }
    }
  }

  /** {@code vmov ymm, ymm/m256}. */
  static final class VexLoad extends SimdHandler {
    private final boolean alignment;

    VexLoad(boolean alignment) {
      this.alignment = alignment;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkAvx(c);
      int halves = i.vectorLength == 0 ? 2 : 4;
      int d = i.reg << 2;
      if (i.memory) {
        if (alignment) {
          aligned(c, i, halves << 3, false);
        }
        VexOperand.load(c, i, halves);
        System.arraycopy(c.vectorScratch, 0, c.vec, d, halves);
      } else {
        System.arraycopy(c.vec, i.rm << 2, c.vec, d, halves);
      }
      if (halves == 2) {
        clearUpper(c.vec, d);
      }
    }
  }

  /** {@code vmov ymm/m256, ymm}. */
  static final class VexStore extends SimdHandler {
    private final boolean alignment;

    VexStore(boolean alignment) {
      this.alignment = alignment;
    }

    @Override
    public void execute(Core c, Insn i) {
      checkAvx(c);
      int halves = i.vectorLength == 0 ? 2 : 4;
      int s = i.reg << 2;
      if (i.memory) {
        int size = halves << 3;
        long address = alignment ? aligned(c, i, size, true) : c.address(i, size, true);
        c.probeWrite(address, size);
        for (int k = 0; k < halves; k++) {
          c.store64(address + 8L * k, c.vec[s + k]);
        }
      } else {
        int d = i.rm << 2;
        System.arraycopy(c.vec, s, c.vec, d, halves);
        if (halves == 2) {
          clearUpper(c.vec, d);
        }
      }
    }
  }

  /** MOVSS and MOVSD loads and register merges; {@code size} is 4 or 8. */
  static final class ScalarLoad extends SimdHandler {
    private final int size;
    private final boolean vex;

    ScalarLoad(int size, boolean vex) {
      this.size = size;
      this.vex = vex;
    }

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      long[] v = c.vec;
      int d = i.reg << 2;
      if (i.memory) {
        v[d] = loadPart(c, i, size);
        v[d + 1] = 0;
      } else {
        int a = vex ? i.vvvv << 2 : d;
        long low = v[i.rm << 2];
        v[d + 1] = v[a + 1];
        v[d] = size == 8 ? low : low & 0xffff_ffffL | v[a] & -1L << 32;
      }
      if (vex) {
        clearUpper(v, d);
      }
    }
  }

  /** MOVSS and MOVSD stores and register merges. */
  static final class ScalarStore extends SimdHandler {
    private final int size;
    private final boolean vex;

    ScalarStore(int size, boolean vex) {
      this.size = size;
      this.vex = vex;
    }

    @Override
    public void execute(Core c, Insn i) {
      check(c, vex);
      long[] v = c.vec;
      long low = v[i.reg << 2];
      if (i.memory) {
        c.store(c.address(i, size, true), size, low);
        return;
      }
      int d = i.rm << 2;
      int a = vex ? i.vvvv << 2 : d;
      v[d + 1] = v[a + 1];
      v[d] = size == 8 ? low : low & 0xffff_ffffL | v[a] & -1L << 32;
      if (vex) {
        clearUpper(v, d);
      }
    }
  }
}
