package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.F2;
import static org.swtdx.cpu.decode.OpcodeTable.F3;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;
import static org.swtdx.cpu.simd.SimdHandler.avx;
import static org.swtdx.cpu.simd.SimdHandler.sse;
import static org.swtdx.cpu.simd.SimdTable.unary;

import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.fpu.SseConvert;
import org.swtdx.cpu.fpu.SseFloat;

/** Registers the floating-point instructions of SSE to SSE3 and their AVX forms. */
final class SseFloats {
  private static final long LOW32 = 0xffff_ffffL;
  private final SimdTable t;

  SseFloats(SimdTable t) {
    this.t = t;
  }

  void register() {
    t.arithmetic(0x58, SseFloat::add32, SseFloat::add64);
    t.arithmetic(0x59, SseFloat::multiply32, SseFloat::multiply64);
    t.arithmetic(0x5c, SseFloat::subtract32, SseFloat::subtract64);
    t.arithmetic(0x5d, SseFloat::minimum32, SseFloat::minimum64);
    t.arithmetic(0x5e, SseFloat::divide32, SseFloat::divide64);
    t.arithmetic(0x5f, SseFloat::maximum32, SseFloat::maximum64);
    t.arithmetic(0x51, SseFloat::squareRoot32, SseFloat::squareRoot64, true);
    t.singles(0x52, (u, a, b) -> SseConvert.reciprocalSquareRoot(b), true);
    t.singles(0x53, (u, a, b) -> SseConvert.reciprocal(b), true);
    compares();
    horizontals();
    scalarConversions();
    packedConversions();
    formats();
  }

  private void compares() {
    t.table.legacy(MAP_0F, NONE, 0xc2, i -> compare32(i, false, true));
    t.table.legacy(MAP_0F, P66, 0xc2, i -> compare64(i, false, true));
    t.table.legacy(MAP_0F, F3, 0xc2, i -> compare32(i, false, false));
    t.table.legacy(MAP_0F, F2, 0xc2, i -> compare64(i, false, false));
    t.table.vex(MAP_0F, NONE, 0xc2, i -> compare32(i, true, true));
    t.table.vex(MAP_0F, P66, 0xc2, i -> compare64(i, true, true));
    t.table.vex(MAP_0F, F3, 0xc2, i -> compare32(i, true, false));
    t.table.vex(MAP_0F, F2, 0xc2, i -> compare64(i, true, false));
    flags(0x2e, false);
    flags(0x2f, true);
  }

  private static Handler compare32(Insn i, boolean vex, boolean packed) {
    int predicate = (int) i.immediate & (vex ? 31 : 7);
    SseFloat.Op32 op = (u, a, b) -> SseFloat.test32(u, a, b, predicate);
    return packed ? new FloatHandlers.Packed32(op, vex) : new FloatHandlers.Scalar32(op, vex);
  }

  private static Handler compare64(Insn i, boolean vex, boolean packed) {
    int predicate = (int) i.immediate & (vex ? 31 : 7);
    SseFloat.Op64 op = (u, a, b) -> SseFloat.test64(u, a, b, predicate);
    return packed ? new FloatHandlers.Packed64(op, vex) : new FloatHandlers.Scalar64(op, vex);
  }

  private void flags(int opcode, boolean signalling) {
    Handler single = sse((c, i) -> FloatOps.compareToFlags(c, i, false, signalling));
    Handler vexSingle = avx((c, i) -> FloatOps.compareToFlags(c, i, false, signalling));
    Handler dual = sse((c, i) -> FloatOps.compareToFlags(c, i, true, signalling));
    Handler vexDual = avx((c, i) -> FloatOps.compareToFlags(c, i, true, signalling));
    t.both(MAP_0F, NONE, opcode, i -> single, unary(vexSingle));
    t.both(MAP_0F, P66, opcode, i -> dual, unary(vexDual));
  }

  private void horizontals() {
    t.floatLane(MAP_0F, P66, 0x7c, FloatOps.horizontal64(SseFloat::add64));
    t.floatLane(MAP_0F, F2, 0x7c, FloatOps.horizontal32(SseFloat::add32));
    t.floatLane(MAP_0F, P66, 0x7d, FloatOps.horizontal64(SseFloat::subtract64));
    t.floatLane(MAP_0F, F2, 0x7d, FloatOps.horizontal32(SseFloat::subtract32));
    t.floatLane(MAP_0F, P66, 0xd0, FloatOps::addSubtract64);
    t.floatLane(MAP_0F, F2, 0xd0, FloatOps::addSubtract32);
  }

  private void scalarConversions() {
    toGeneral(F3, false);
    toGeneral(F2, true);
    fromGeneral(F3, false);
    fromGeneral(F2, true);
  }

  private void toGeneral(int prefix, boolean wide) {
    for (int opcode = 0x2c; opcode <= 0x2d; opcode++) {
      boolean truncate = opcode == 0x2c;
      Handler legacy = sse((c, i) -> FloatOps.toGeneral(c, i, wide, truncate));
      Handler vex = avx((c, i) -> FloatOps.toGeneral(c, i, wide, truncate));
      t.both(MAP_0F, prefix, opcode, i -> legacy, unary(vex));
    }
  }

  private void fromGeneral(int prefix, boolean wide) {
    Handler legacy = sse((c, i) -> FloatOps.fromGeneral(c, i, wide, false));
    Handler vex = avx((c, i) -> FloatOps.fromGeneral(c, i, wide, true));
    t.both(MAP_0F, prefix, 0x2a, i -> legacy, i -> vex);
  }

  private void packedConversions() {
    halves(NONE, (u, a, b) -> FloatOps.integersToSingles(u, b));
    halves(P66, (u, a, b) -> FloatOps.singlesToIntegers(u, b, false));
    halves(F3, (u, a, b) -> FloatOps.singlesToIntegers(u, b, true));
    narrow(P66, 0xe6, (u, lo, hi) -> FloatOps.doublesToIntegers(u, lo, hi, true));
    narrow(F2, 0xe6, (u, lo, hi) -> FloatOps.doublesToIntegers(u, lo, hi, false));
    narrow(P66, 0x5a, FloatOps::doublesToSingles);
    widen(F3, 0xe6, SseConvert::integerToDouble);
    widen(NONE, 0x5a, SseConvert::singleToDouble);
  }

  private void halves(int prefix, SseFloat.Op64 op) {
    Handler legacy = new FloatHandlers.Packed64(op, false);
    Handler vex = new FloatHandlers.Packed64(op, true);
    t.both(MAP_0F, prefix, 0x5b, i -> legacy, unary(vex));
  }

  private void narrow(int prefix, int opcode, FloatOps.Narrow op) {
    Handler legacy = sse((c, i) -> FloatOps.narrow(c, i, false, op));
    Handler vex = avx((c, i) -> FloatOps.narrow(c, i, true, op));
    t.both(MAP_0F, prefix, opcode, i -> legacy, unary(vex));
  }

  private void widen(int prefix, int opcode, FloatOps.Widen op) {
    Handler legacy = sse((c, i) -> FloatOps.widen(c, i, false, op));
    Handler vex = avx((c, i) -> FloatOps.widen(c, i, true, op));
    t.both(MAP_0F, prefix, opcode, i -> legacy, unary(vex));
  }

  /** CVTSD2SS and CVTSS2SD, which merge into elements of different sizes. */
  private void formats() {
    Handler toSingle = sse((c, i) -> convert(c, i, false, true));
    Handler vexToSingle = avx((c, i) -> convert(c, i, true, true));
    Handler toDouble = sse((c, i) -> convert(c, i, false, false));
    Handler vexToDouble = avx((c, i) -> convert(c, i, true, false));
    t.both(MAP_0F, F2, 0x5a, i -> toSingle, i -> vexToSingle);
    t.both(MAP_0F, F3, 0x5a, i -> toDouble, i -> vexToDouble);
  }

  private static void convert(org.swtdx.cpu.core.Core c, Insn i, boolean vex, boolean toSingle) {
    long[] v = c.vec;
    int d = i.reg << 2;
    int a = vex ? i.vvvv << 2 : d;
    long b = i.memory ? SimdHandler.loadPart(c, i, toSingle ? 8 : 4) : v[i.rm << 2];
    var u = FloatHandlers.begin(c);
    long low =
        toSingle
            ? SseConvert.doubleToSingle(u, b) & LOW32 | v[a] & ~LOW32
            : SseConvert.singleToDouble(u, (int) b);
    FloatHandlers.finish(c, u);
    v[d] = low;
    v[d + 1] = v[a + 1];
    if (vex) {
      SimdHandler.clearUpper(v, d);
    }
  }
}
