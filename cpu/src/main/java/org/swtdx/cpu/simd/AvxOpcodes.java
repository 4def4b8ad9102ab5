package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F38;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F3A;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;
import static org.swtdx.cpu.simd.SimdHandler.avx;
import static org.swtdx.cpu.simd.SimdTable.L1;
import static org.swtdx.cpu.simd.SimdTable.MEMORY;
import static org.swtdx.cpu.simd.SimdTable.UNARY;
import static org.swtdx.cpu.simd.SimdTable.W0;
import static org.swtdx.cpu.simd.SimdTable.W1;
import static org.swtdx.cpu.simd.SimdTable.when;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.fpu.FloatUnit;
import org.swtdx.cpu.fpu.SseConvert;

/** Registers what exists in VEX encoding only: AVX, AVX2, F16C. */
final class AvxOpcodes {
  private final SimdTable t;

  AvxOpcodes(SimdTable t) {
    this.t = t;
  }

  void register() {
    zeroing();
    broadcasts();
    lanes();
    permutes();
    masked();
    shifts();
    gathers();
    halfPrecision();
  }

  private void vex38(int opcode, int conditions, Handler.Operation operation) {
    t.table.vex(MAP_0F38, P66, opcode, when(conditions, avx(operation)));
  }

  private void vex3A(int opcode, int conditions, Handler.Operation operation) {
    t.table.vex(MAP_0F3A, P66, opcode, when(conditions, avx(operation)));
  }

  private void zeroing() {
    Handler upper = avx((c, i) -> zero(c, 2));
    Handler all = avx((c, i) -> zero(c, 0));
    t.table.vex(MAP_0F, NONE, 0x77, i -> i.vvvv != 0 ? null : i.vectorLength == 0 ? upper : all);
  }

  private static void zero(Core c, int from) {
    int registers = c.code64 ? 16 : 8;
    for (int r = 0; r < registers; r++) {
      for (int k = from; k < 4; k++) {
        c.vec[4 * r + k] = 0;
      }
    }
  }

  private void broadcasts() {
    vex38(0x18, UNARY | W0, (c, i) -> AvxMoves.broadcast(c, i, 32));
    vex38(0x19, UNARY | W0 | L1, (c, i) -> AvxMoves.broadcast(c, i, 64));
    vex38(0x1a, UNARY | W0 | L1 | MEMORY, AvxMoves::broadcast128);
    vex38(0x5a, UNARY | W0 | L1 | MEMORY, AvxMoves::broadcast128);
    vex38(0x78, UNARY | W0, (c, i) -> AvxMoves.broadcast(c, i, 8));
    vex38(0x79, UNARY | W0, (c, i) -> AvxMoves.broadcast(c, i, 16));
    vex38(0x58, UNARY | W0, (c, i) -> AvxMoves.broadcast(c, i, 32));
    vex38(0x59, UNARY | W0, (c, i) -> AvxMoves.broadcast(c, i, 64));
  }

  private void lanes() {
    for (int opcode : new int[] {0x18, 0x38}) {
      vex3A(opcode, W0 | L1, AvxMoves::insert128);
      vex3A(opcode + 1, UNARY | W0 | L1, AvxMoves::extract128);
    }
    vex3A(0x06, W0 | L1, AvxMoves::permute128);
    vex3A(0x46, W0 | L1, AvxMoves::permute128);
  }

  private void lane(int map, int opcode, int conditions, LaneOp op) {
    t.table.vex(map, P66, opcode, when(conditions, new LaneHandlers.Vex(op, 16)));
  }

  private void permutes() {
    lane(MAP_0F38, 0x0c, W0, AvxMoves::permuteSingles);
    lane(MAP_0F38, 0x0d, W0, AvxMoves::permuteDoubles);
    lane(MAP_0F3A, 0x04, UNARY | W0, Shuffles::shuffleDwords);
    lane(MAP_0F3A, 0x05, UNARY | W0, AvxMoves::permuteDoublesBy);
    lane(MAP_0F3A, 0x02, W0, Sse4::blendSingles);
    vex38(0x16, W0 | L1, AvxMoves::permuteDwords);
    vex38(0x36, W0 | L1, AvxMoves::permuteDwords);
    vex3A(0x00, UNARY | W1 | L1, AvxMoves::permuteQwords);
    vex3A(0x01, UNARY | W1 | L1, AvxMoves::permuteQwords);
  }

  private void masked() {
    vex38(0x2c, W0 | MEMORY, (c, i) -> AvxMoves.maskedLoad(c, i, 4));
    vex38(0x2d, W0 | MEMORY, (c, i) -> AvxMoves.maskedLoad(c, i, 8));
    vex38(0x2e, W0 | MEMORY, (c, i) -> AvxMoves.maskedStore(c, i, 4));
    vex38(0x2f, W0 | MEMORY, (c, i) -> AvxMoves.maskedStore(c, i, 8));
    vex38(0x8c, W0 | MEMORY, (c, i) -> AvxMoves.maskedLoad(c, i, 4));
    vex38(0x8c, W1 | MEMORY, (c, i) -> AvxMoves.maskedLoad(c, i, 8));
    vex38(0x8e, W0 | MEMORY, (c, i) -> AvxMoves.maskedStore(c, i, 4));
    vex38(0x8e, W1 | MEMORY, (c, i) -> AvxMoves.maskedStore(c, i, 8));
  }

  private void half(int opcode, int conditions, HalfOp op) {
    t.table.vex(MAP_0F38, P66, opcode, when(conditions, new HalfHandlers.Vex(op)));
  }

  private void shifts() {
    half(0x45, W0, (a, b) -> Packed.dwords(a, b, (x, n) -> large(n, 32) ? 0 : x >>> n));
    half(0x45, W1, Packed::shiftRightQword);
    half(0x46, W0, (a, b) -> Packed.dwords(a, b, (x, n) -> large(n, 32) ? x >> 31 : x >> n));
    half(0x47, W0, (a, b) -> Packed.dwords(a, b, (x, n) -> large(n, 32) ? 0 : x << n));
    half(0x47, W1, Packed::shiftLeftQword);
  }

  private static boolean large(int count, int bits) {
    return Integer.compareUnsigned(count, bits) >= 0;
  }

  private void gathers() {
    for (int opcode : new int[] {0x90, 0x92}) {
      gather(opcode, W0, 4, 4);
      gather(opcode, W1, 8, 4);
      gather(opcode + 1, W0, 4, 8);
      gather(opcode + 1, W1, 8, 8);
    }
  }

  private void gather(int opcode, int conditions, int size, int indexSize) {
    Handler handler = avx((c, i) -> AvxMoves.gather(c, i, size, indexSize));
    t.table.vex(
        MAP_0F38,
        P66,
        opcode,
        i -> validGather(i) ? when(conditions | MEMORY, handler).select(i) : null);
  }

  /**
   * Destination, index and mask must differ, and there must be a SIB byte. Index 4 is a register
   * here, which the decoder reports as none.
   */
  private static boolean validGather(Insn i) {
    if (!i.memory || (i.modrm & 7) != 4) {
      return false;
    }
    if (i.index == Insn.NONE) {
      i.index = 4;
    }
    return i.reg != i.index && i.reg != i.vvvv && i.index != i.vvvv;
  }

  private void halfPrecision() {
    vex38(0x13, UNARY | W0, AvxOpcodes::fromHalves);
    vex3A(0x1d, UNARY | W0, AvxOpcodes::toHalves);
  }

  private static void fromHalves(Core c, Insn i) {
    long[] v = c.vec;
    boolean wide = i.vectorLength != 0;
    long[] s = c.vectorScratch;
    if (!i.memory) {
      s[0] = v[i.rm << 2];
      s[1] = v[(i.rm << 2) + 1];
    } else if (wide) {
      VexOperand.load(c, i, 2);
    } else {
      s[0] = SimdHandler.loadPart(c, i, 8);
    }
    FloatUnit u = FloatHandlers.begin(c);
    for (int k = wide ? 3 : 1; k >= 0; k--) {
      long x = s[k >> 1] >>> (k & 1) * 32;
      s[4 + k] =
          SseConvert.halfToSingle(u, (int) x & 0xffff) & 0xffff_ffffL
              | (long) SseConvert.halfToSingle(u, (int) (x >>> 16) & 0xffff) << 32;
    }
    FloatHandlers.finish(c, u);
    int d = i.reg << 2;
    System.arraycopy(s, 4, v, d, wide ? 4 : 2);
    if (!wide) {
      SimdHandler.clearUpper(v, d);
    }
  }

  private static void toHalves(Core c, Insn i) {
    long[] v = c.vec;
    boolean wide = i.vectorLength != 0;
    int imm = (int) i.immediate;
    int s = i.reg << 2;
    long address = i.memory ? c.address(i, wide ? 16 : 8, true) : 0;
    FloatUnit u = FloatHandlers.begin(c);
    long lo = fourHalves(u, v[s], v[s + 1], imm);
    long hi = wide ? fourHalves(u, v[s + 2], v[s + 3], imm) : 0;
    if (i.memory) {
      c.probeWrite(address, wide ? 16 : 8);
    }
    FloatHandlers.finish(c, u);
    if (!i.memory) {
      int d = i.rm << 2;
      v[d] = lo;
      v[d + 1] = hi;
      SimdHandler.clearUpper(v, d);
    } else if (wide) {
      SimdHandler.store128(c, address, lo, hi);
    } else {
      c.store64(address, lo);
    }
  }

  private static long fourHalves(FloatUnit u, long x, long y, int imm) {
    return SseConvert.singleToHalf(u, (int) x, imm)
        | (long) SseConvert.singleToHalf(u, (int) (x >>> 32), imm) << 16
        | (long) SseConvert.singleToHalf(u, (int) y, imm) << 32
        | (long) SseConvert.singleToHalf(u, (int) (y >>> 32), imm) << 48;
  }
}
