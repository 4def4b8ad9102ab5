package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.fpu.FloatUnit;
import org.swtdx.cpu.fpu.SseFloat;

/**
 * DPPS and DPPD: products selected by imm 7:4, summed pairwise, broadcast by imm 3:0. Each step is
 * taken for all elements; an unmasked exception in one leaves the following steps undone.
 */
final class DotProduct extends SimdHandler {
  private static final long LOW32 = 0xffff_ffffL;
  private final boolean dual;
  private final boolean vex;

  DotProduct(boolean dual, boolean vex) {
    this.dual = dual;
    this.vex = vex;
  }

  @Override
  public void execute(Core c, Insn i) {
    check(c, vex);
    int halves = i.vectorLength == 0 ? 2 : 4;
    FloatOps.fetch(c, i, vex, halves);
    int d = i.reg << 2;
    int a = vex ? i.vvvv << 2 : d;
    int imm = (int) i.immediate & 0xff;
    FloatUnit u = FloatHandlers.begin(c);
    if (dual) {
      doubles(c, u, a, imm);
    } else {
      singles(c, u, a, halves, imm);
    }
    FloatHandlers.finish(c, u);
    System.arraycopy(c.vectorScratch, 0, c.vec, d, halves);
    if (vex && halves == 2) {
      clearUpper(c.vec, d);
    }
  }

  private static void doubles(Core c, FloatUnit u, int a, int imm) {
    long[] t = c.vectorScratch;
    t[0] = (imm & 0x10) != 0 ? SseFloat.multiply64(u, c.vec[a], t[0]) : 0;
    t[1] = (imm & 0x20) != 0 ? SseFloat.multiply64(u, c.vec[a + 1], t[1]) : 0;
    if (u.settle()) {
      return;
    }
    long s = SseFloat.add64(u, t[0], t[1]);
    t[0] = (imm & 1) != 0 ? s : 0;
    t[1] = (imm & 2) != 0 ? s : 0;
  }

  private static void singles(Core c, FloatUnit u, int a, int halves, int imm) {
    long[] t = c.vectorScratch;
    for (int k = 0; k < halves; k++) {
      long x = c.vec[a + k];
      int bits = imm >> 4 + 2 * (k & 1);
      int lo = (bits & 1) != 0 ? SseFloat.multiply32(u, (int) x, (int) t[k]) : 0;
      int hi = (bits & 2) != 0 ? high(u, x, t[k]) : 0;
      t[k] = lo & LOW32 | (long) hi << 32;
    }
    if (u.settle()) {
      return;
    }
    for (int k = 0; k < halves; k++) {
      t[k] = SseFloat.add32(u, (int) t[k], (int) (t[k] >>> 32));
    }
    if (u.settle()) {
      return;
    }
    for (int k = 0; k < halves; k += 2) {
      long s = SseFloat.add32(u, (int) t[k], (int) t[k + 1]) & LOW32;
      t[k] = ((imm & 1) != 0 ? s : 0) | ((imm & 2) != 0 ? s << 32 : 0);
      t[k + 1] = ((imm & 4) != 0 ? s : 0) | ((imm & 8) != 0 ? s << 32 : 0);
    }
  }

  private static int high(FloatUnit u, long x, long y) {
    return SseFloat.multiply32(u, (int) (x >>> 32), (int) (y >>> 32));
  }
}
