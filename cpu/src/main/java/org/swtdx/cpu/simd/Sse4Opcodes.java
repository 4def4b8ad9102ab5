package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F38;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F3A;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;
import static org.swtdx.cpu.simd.SimdHandler.avx;
import static org.swtdx.cpu.simd.SimdHandler.sse;
import static org.swtdx.cpu.simd.SimdTable.L0;
import static org.swtdx.cpu.simd.SimdTable.UNARY;
import static org.swtdx.cpu.simd.SimdTable.W0;
import static org.swtdx.cpu.simd.SimdTable.unary;
import static org.swtdx.cpu.simd.SimdTable.when;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.fpu.SseConvert;
import org.swtdx.cpu.fpu.SseFloat;

/** Registers SSSE3, SSE4.1 and SSE4.2 and their AVX forms. */
final class Sse4Opcodes {
  private final SimdTable t;

  Sse4Opcodes(SimdTable t) {
    this.t = t;
  }

  void register() {
    ssse3();
    horizontals();
    minima();
    integers();
    extensions();
    blends();
    roundings();
    tests();
  }

  private void ssse3() {
    t.lane(MAP_0F38, P66, 0x00, Shuffles::shuffleBytes);
    mmx(0x00, Sse4::shuffleBytes);
    t.integer(MAP_0F38, 0x04, Packed::multiplyAddBytes);
    t.integer(MAP_0F38, 0x08, (a, b) -> Packed.bytes(a, b, Packed::sign));
    t.integer(MAP_0F38, 0x09, (a, b) -> Packed.words(a, b, Packed::sign));
    t.integer(MAP_0F38, 0x0a, (a, b) -> Packed.dwords(a, b, Packed::sign));
    t.integer(MAP_0F38, 0x0b, Packed::multiplyHighRounded);
    t.integerUnary(MAP_0F38, 0x1c, (a, b) -> Packed.bytes(b, 0, (x, y) -> Math.abs(x)));
    t.integerUnary(MAP_0F38, 0x1d, (a, b) -> Packed.words(b, 0, (x, y) -> Math.abs(x)));
    t.integerUnary(MAP_0F38, 0x1e, (a, b) -> Packed.dwords(b, 0, (x, y) -> Math.abs(x)));
    t.lane(MAP_0F3A, P66, 0x0f, Shuffles::alignRight);
    t.table.legacy(
        MAP_0F3A,
        NONE,
        0x0f,
        i -> {
          int imm = (int) i.immediate & 0xff;
          return new HalfHandlers.Mmx((a, b) -> Sse4.alignRight(a, b, imm));
        });
  }

  private void mmx(int opcode, HalfOp op) {
    Handler handler = new HalfHandlers.Mmx(op);
    t.table.legacy(MAP_0F38, NONE, opcode, i -> handler);
  }

  private void horizontals() {
    horizontal(0x01, (a, b) -> Sse4.horizontalWords(a, b, Integer::sum));
    horizontal(0x02, (a, b) -> Sse4.horizontalDwords(a, b, Integer::sum));
    horizontal(0x03, (a, b) -> Sse4.horizontalWords(a, b, (x, y) -> Packed.saturateWord(x + y)));
    horizontal(0x05, (a, b) -> Sse4.horizontalWords(a, b, (x, y) -> x - y));
    horizontal(0x06, (a, b) -> Sse4.horizontalDwords(a, b, (x, y) -> x - y));
    horizontal(0x07, (a, b) -> Sse4.horizontalWords(a, b, (x, y) -> Packed.saturateWord(x - y)));
  }

  private void horizontal(int opcode, HalfOp op) {
    t.lane(MAP_0F38, P66, opcode, Shuffles.packing(op));
    mmx(opcode, op);
  }

  private void minima() {
    t.half(MAP_0F38, P66, 0x38, (a, b) -> Packed.bytes(a, b, Math::min));
    t.half(MAP_0F38, P66, 0x39, (a, b) -> Packed.dwords(a, b, Math::min));
    t.half(MAP_0F38, P66, 0x3a, Packed::minUnsignedWords);
    t.half(MAP_0F38, P66, 0x3b, Packed::minUnsignedDwords);
    t.half(MAP_0F38, P66, 0x3c, (a, b) -> Packed.bytes(a, b, Math::max));
    t.half(MAP_0F38, P66, 0x3d, (a, b) -> Packed.dwords(a, b, Math::max));
    t.half(MAP_0F38, P66, 0x3e, Packed::maxUnsignedWords);
    t.half(MAP_0F38, P66, 0x3f, Packed::maxUnsignedDwords);
    narrow(0x41, Sse4::minimumPosition);
  }

  /** A one-operand lane operation without a 256-bit form. */
  private void narrow(int opcode, LaneOp op) {
    Handler sse = new LaneHandlers.Sse(op, 16);
    Handler vex = new LaneHandlers.Vex(op, 16);
    t.both(MAP_0F38, P66, opcode, i -> sse, when(UNARY | L0, vex));
  }

  private void integers() {
    t.half(MAP_0F38, P66, 0x28, Sse4::multiplySigned);
    t.half(MAP_0F38, P66, 0x29, (a, b) -> a == b ? -1 : 0);
    t.half(MAP_0F38, P66, 0x37, (a, b) -> a > b ? -1 : 0);
    t.half(MAP_0F38, P66, 0x40, (a, b) -> Packed.dwords(a, b, (x, y) -> x * y));
    t.lane(MAP_0F38, P66, 0x2b, Shuffles.packing(Shuffles::packUnsignedDwords));
    t.lane(MAP_0F3A, P66, 0x42, Sse4::sumsOfDifferences);
    Handler single = new DotProduct(false, false);
    Handler vsingle = new DotProduct(false, true);
    t.both(MAP_0F3A, P66, 0x40, i -> single, i -> vsingle);
    Handler dual = new DotProduct(true, false);
    Handler vdual = new DotProduct(true, true);
    t.both(MAP_0F3A, P66, 0x41, i -> dual, SimdTable.only128(vdual));
  }

  private void extensions() {
    int[] from = {8, 8, 8, 16, 16, 32};
    int[] to = {16, 32, 64, 32, 64, 64};
    for (int k = 0; k < 6; k++) {
      extension(0x20 + k, from[k], to[k], true);
      extension(0x30 + k, from[k], to[k], false);
    }
  }

  private void extension(int opcode, int from, int to, boolean signed) {
    int size = 16 * from / to;
    Handler legacy = sse((c, i) -> extend(c, i, size, from, to, signed, false));
    Handler vex = avx((c, i) -> extend(c, i, size, from, to, signed, true));
    t.both(MAP_0F38, P66, opcode, i -> legacy, unary(vex));
  }

  private static void extend(
      Core c, Insn i, int size, int from, int to, boolean signed, boolean vex) {
    long[] v = c.vec;
    int halves = i.vectorLength == 0 ? 2 : 4;
    int bytes = size * halves / 2;
    long lo;
    long hi = 0;
    if (!i.memory) {
      lo = v[i.rm << 2];
      hi = v[(i.rm << 2) + 1];
    } else if (bytes == 16) {
      long address = c.address(i, 16, false);
      lo = c.load64(address);
      hi = c.load64(address + 8);
    } else {
      lo = SimdHandler.loadPart(c, i, bytes);
    }
    int d = i.reg << 2;
    int step = 64 * from / to;
    for (int k = 0; k < halves; k++) {
      int at = k * step;
      v[d + k] = Sse4.widen((at < 64 ? lo : hi) >>> (at & 63), from, to, signed);
    }
    if (vex && halves == 2) {
      SimdHandler.clearUpper(v, d);
    }
  }

  private void blends() {
    t.lane(MAP_0F3A, P66, 0x0e, Sse4::blendWords);
    t.lane(MAP_0F3A, P66, 0x0c, Sse4::blendSingles);
    t.lane(MAP_0F3A, P66, 0x0d, Sse4::blendDoubles);
    variable(0x10, 0x4c, Sse4::byteSigns);
    variable(0x14, 0x4a, Sse4::dwordSigns);
    variable(0x15, 0x4b, Sse4::qwordSigns);
  }

  private interface MaskOf {
    long apply(long x);
  }

  private void variable(int opcode, int vexOpcode, MaskOf mask) {
    Handler legacy =
        new LaneHandlers.Sse(
            (c, v, d, a, lo, hi, imm) -> {
              long m0 = mask.apply(v[0]);
              long m1 = mask.apply(v[1]);
              v[d] = Sse4.blend(v[a], lo, m0);
              v[d + 1] = Sse4.blend(v[a + 1], hi, m1);
            },
            16);
    // The mask register is in imm 7:4; a YMM's upper lane uses the mask's upper lane.
    Handler vex =
        new LaneHandlers.Vex(
            (c, v, d, a, lo, hi, imm) -> {
              int m = (imm >> 4) * 4 + (d & 2);
              long m0 = mask.apply(v[m]);
              long m1 = mask.apply(v[m + 1]);
              v[d] = Sse4.blend(v[a], lo, m0);
              v[d + 1] = Sse4.blend(v[a + 1], hi, m1);
            },
            16);
    t.table.legacy(MAP_0F38, P66, opcode, i -> legacy);
    t.table.vex(MAP_0F3A, P66, vexOpcode, when(W0, vex));
  }

  private void roundings() {
    t.table.legacy(MAP_0F3A, P66, 0x08, i -> singles(i, false, true));
    t.table.legacy(MAP_0F3A, P66, 0x09, i -> doubles(i, false, true));
    t.table.legacy(MAP_0F3A, P66, 0x0a, i -> singles(i, false, false));
    t.table.legacy(MAP_0F3A, P66, 0x0b, i -> doubles(i, false, false));
    t.table.vex(MAP_0F3A, P66, 0x08, i -> i.vvvv == 0 ? singles(i, true, true) : null);
    t.table.vex(MAP_0F3A, P66, 0x09, i -> i.vvvv == 0 ? doubles(i, true, true) : null);
    t.table.vex(MAP_0F3A, P66, 0x0a, i -> singles(i, true, false));
    t.table.vex(MAP_0F3A, P66, 0x0b, i -> doubles(i, true, false));
  }

  private static Handler singles(Insn i, boolean vex, boolean packed) {
    int imm = (int) i.immediate & 15;
    SseFloat.Op32 op = (u, a, b) -> SseConvert.round32(u, b, imm);
    return packed ? new FloatHandlers.Packed32(op, vex) : new FloatHandlers.Scalar32(op, vex);
  }

  private static Handler doubles(Insn i, boolean vex, boolean packed) {
    int imm = (int) i.immediate & 15;
    SseFloat.Op64 op = (u, a, b) -> SseConvert.round64(u, b, imm);
    return packed ? new FloatHandlers.Packed64(op, vex) : new FloatHandlers.Scalar64(op, vex);
  }

  private void tests() {
    Handler ptest = sse((c, i) -> Sse4.test(c, i, false, -1));
    Handler vptest = avx((c, i) -> Sse4.test(c, i, true, -1));
    t.both(MAP_0F38, P66, 0x17, i -> ptest, unary(vptest));
    Handler singles = avx((c, i) -> Sse4.test(c, i, true, 0x8000_0000_8000_0000L));
    Handler doubles = avx((c, i) -> Sse4.test(c, i, true, Long.MIN_VALUE));
    t.table.vex(MAP_0F38, P66, 0x0e, when(UNARY | W0, singles));
    t.table.vex(MAP_0F38, P66, 0x0f, when(UNARY | W0, doubles));
    strings();
  }

  private void strings() {
    for (int opcode = 0x60; opcode <= 0x63; opcode++) {
      boolean index = (opcode & 1) != 0;
      boolean implicit = opcode >= 0x62;
      Handler legacy = sse((c, i) -> StringCompare.execute(c, i, implicit, index, false));
      Handler vex = avx((c, i) -> StringCompare.execute(c, i, implicit, index, true));
      t.both(MAP_0F3A, P66, opcode, i -> legacy, when(UNARY | L0, vex));
    }
  }
}
