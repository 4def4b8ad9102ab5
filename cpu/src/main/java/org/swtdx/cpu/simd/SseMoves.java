package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.F2;
import static org.swtdx.cpu.decode.OpcodeTable.F3;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F38;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F3A;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;
import static org.swtdx.cpu.simd.SimdHandler.avx;
import static org.swtdx.cpu.simd.SimdHandler.sse;
import static org.swtdx.cpu.simd.SimdTable.memory;
import static org.swtdx.cpu.simd.SimdTable.unary128;

import org.swtdx.cpu.core.Handler;

/** Registers the moves of SSE to SSE4.1 and their AVX forms. */
final class SseMoves {
  private final SimdTable t;

  SseMoves(SimdTable t) {
    this.t = t;
  }

  void register() {
    whole();
    scalars();
    halves();
    general();
    elements();
  }

  private void load(int map, int prefix, int opcode, boolean alignment, boolean memoryOnly) {
    Handler sse = new VectorMoves.Load(alignment);
    Handler vex = new VectorMoves.VexLoad(alignment);
    t.both(
        map,
        prefix,
        opcode,
        i -> i.memory || !memoryOnly ? sse : null,
        i -> i.vvvv == 0 && (i.memory || !memoryOnly) ? vex : null);
  }

  private void store(int prefix, int opcode, boolean alignment, boolean memoryOnly) {
    Handler sse = new VectorMoves.Store(alignment);
    Handler vex = new VectorMoves.VexStore(alignment);
    t.both(
        MAP_0F,
        prefix,
        opcode,
        i -> i.memory || !memoryOnly ? sse : null,
        i -> i.vvvv == 0 && (i.memory || !memoryOnly) ? vex : null);
  }

  private void whole() {
    for (int prefix : new int[] {NONE, P66}) {
      load(MAP_0F, prefix, 0x10, false, false);
      store(prefix, 0x11, false, false);
      load(MAP_0F, prefix, 0x28, true, false);
      store(prefix, 0x29, true, false);
      store(prefix, 0x2b, true, true);
    }
    load(MAP_0F, P66, 0x6f, true, false);
    load(MAP_0F, F3, 0x6f, false, false);
    store(P66, 0x7f, true, false);
    store(F3, 0x7f, false, false);
    store(P66, 0xe7, true, true);
    load(MAP_0F, F2, 0xf0, false, true);
    load(MAP_0F38, P66, 0x2a, true, true);
  }

  private void scalars() {
    scalar(F3, 4);
    scalar(F2, 8);
  }

  private void scalar(int prefix, int size) {
    Handler load = new VectorMoves.ScalarLoad(size, false);
    Handler vexLoad = new VectorMoves.ScalarLoad(size, true);
    Handler store = new VectorMoves.ScalarStore(size, false);
    Handler vexStore = new VectorMoves.ScalarStore(size, true);
    t.both(MAP_0F, prefix, 0x10, i -> load, i -> i.memory && i.vvvv != 0 ? null : vexLoad);
    t.both(MAP_0F, prefix, 0x11, i -> store, i -> i.memory && i.vvvv != 0 ? null : vexStore);
  }

  private void halves() {
    Handler low = sse((c, i) -> PartMoves.loadLow(c, i, false));
    Handler vexLow = avx((c, i) -> PartMoves.loadLow(c, i, true));
    Handler high = sse((c, i) -> PartMoves.loadHigh(c, i, false));
    Handler vexHigh = avx((c, i) -> PartMoves.loadHigh(c, i, true));
    Handler storeLow = sse((c, i) -> PartMoves.storeHalf(c, i, 0));
    Handler storeHigh = sse((c, i) -> PartMoves.storeHalf(c, i, 1));
    Handler vexStoreLow = avx((c, i) -> PartMoves.storeHalf(c, i, 0));
    Handler vexStoreHigh = avx((c, i) -> PartMoves.storeHalf(c, i, 1));
    t.both(MAP_0F, NONE, 0x12, i -> low, SimdTable.only128(vexLow));
    t.both(MAP_0F, P66, 0x12, memory(low), i -> i.memory && i.vectorLength == 0 ? vexLow : null);
    t.both(MAP_0F, NONE, 0x16, i -> high, SimdTable.only128(vexHigh));
    t.both(MAP_0F, P66, 0x16, memory(high), i -> i.memory && i.vectorLength == 0 ? vexHigh : null);
    for (int prefix : new int[] {NONE, P66}) {
      t.both(
          MAP_0F,
          prefix,
          0x13,
          memory(storeLow),
          i -> i.memory && i.vvvv == 0 && i.vectorLength == 0 ? vexStoreLow : null);
      t.both(
          MAP_0F,
          prefix,
          0x17,
          memory(storeHigh),
          i -> i.memory && i.vvvv == 0 && i.vectorLength == 0 ? vexStoreHigh : null);
    }
    duplicates();
  }

  private void duplicates() {
    t.laneUnary(
        MAP_0F,
        F3,
        0x12,
        (c, v, d, a, lo, hi, imm) -> {
          v[d] = Shuffles.interleaveDwords(lo, lo);
          v[d + 1] = Shuffles.interleaveDwords(hi, hi);
        });
    t.laneUnary(
        MAP_0F,
        F3,
        0x16,
        (c, v, d, a, lo, hi, imm) -> {
          v[d] = Shuffles.interleaveDwords(lo >>> 32, lo >>> 32);
          v[d + 1] = Shuffles.interleaveDwords(hi >>> 32, hi >>> 32);
        });
    LaneOp duplicate =
        (c, v, d, a, lo, hi, imm) -> {
          v[d] = lo;
          v[d + 1] = lo;
        };
    Handler low = new LaneHandlers.Sse(duplicate, 8);
    Handler vexLow = new LaneHandlers.Vex(duplicate, 8);
    Handler vexWide = new LaneHandlers.Vex(duplicate, 16);
    t.both(
        MAP_0F,
        F2,
        0x12,
        i -> low,
        i -> i.vvvv != 0 ? null : i.vectorLength == 0 ? vexLow : vexWide);
  }

  private void general() {
    Handler movd = sse((c, i) -> PartMoves.loadGeneral(c, i, false));
    Handler vmovd = avx((c, i) -> PartMoves.loadGeneral(c, i, true));
    t.both(MAP_0F, P66, 0x6e, i -> movd, unary128(vmovd));
    Handler stored = sse(PartMoves::storeGeneral);
    Handler vstored = avx(PartMoves::storeGeneral);
    t.both(MAP_0F, P66, 0x7e, i -> stored, unary128(vstored));
    Handler movq = sse((c, i) -> PartMoves.loadQuadword(c, i, false));
    Handler vmovq = avx((c, i) -> PartMoves.loadQuadword(c, i, true));
    t.both(MAP_0F, F3, 0x7e, i -> movq, unary128(vmovq));
    Handler storeq = sse((c, i) -> PartMoves.storeQuadword(c, i, false));
    Handler vstoreq = avx((c, i) -> PartMoves.storeQuadword(c, i, true));
    t.both(MAP_0F, P66, 0xd6, i -> storeq, unary128(vstoreq));
    masks(0x50, NONE, PartMoves::moveMaskSingles);
    masks(0x50, P66, PartMoves::moveMaskDoubles);
    masks(0xd7, P66, PartMoves::moveMaskBytes);
    Handler masked = sse(PartMoves::maskMoveDoubleQuad);
    Handler vmasked = avx(PartMoves::maskMoveDoubleQuad);
    t.both(
        MAP_0F,
        P66,
        0xf7,
        SimdTable.register(masked),
        i -> i.memory || i.vvvv != 0 || i.vectorLength != 0 ? null : vmasked);
  }

  private void masks(int opcode, int prefix, Handler.Operation operation) {
    Handler legacy = sse(operation);
    Handler vex = avx(operation);
    t.both(
        MAP_0F,
        prefix,
        opcode,
        SimdTable.register(legacy),
        i -> i.memory || i.vvvv != 0 ? null : vex);
  }

  private void elements() {
    insert(MAP_0F, 0xc4, 16);
    insert(MAP_0F3A, 0x20, 8);
    Handler word = sse(PartMoves::extractWord);
    Handler vword = avx(PartMoves::extractWord);
    t.both(
        MAP_0F,
        P66,
        0xc5,
        SimdTable.register(word),
        i -> i.memory || i.vvvv != 0 || i.vectorLength != 0 ? null : vword);
    extract(0x14, 8);
    extract(0x15, 16);
    extract(0x17, 32);
    Handler d = sse((c, i) -> PartMoves.extractElement(c, i, 32));
    Handler q = sse((c, i) -> PartMoves.extractElement(c, i, 64));
    Handler vd = avx((c, i) -> PartMoves.extractElement(c, i, 32));
    Handler vq = avx((c, i) -> PartMoves.extractElement(c, i, 64));
    t.both(
        MAP_0F3A,
        P66,
        0x16,
        i -> wide(i) ? q : d,
        i -> i.vvvv != 0 || i.vectorLength != 0 ? null : wide(i) ? vq : vd);
    Handler insertD = sse((c, i) -> PartMoves.insertElement(c, i, 32, false));
    Handler insertQ = sse((c, i) -> PartMoves.insertElement(c, i, 64, false));
    Handler vinsertD = avx((c, i) -> PartMoves.insertElement(c, i, 32, true));
    Handler vinsertQ = avx((c, i) -> PartMoves.insertElement(c, i, 64, true));
    t.both(
        MAP_0F3A,
        P66,
        0x22,
        i -> wide(i) ? insertQ : insertD,
        i -> i.vectorLength != 0 ? null : wide(i) ? vinsertQ : vinsertD);
    Handler insertSingle = sse((c, i) -> PartMoves.insertSingle(c, i, false));
    Handler vinsertSingle = avx((c, i) -> PartMoves.insertSingle(c, i, true));
    t.both(MAP_0F3A, P66, 0x21, i -> insertSingle, SimdTable.only128(vinsertSingle));
  }

  private static boolean wide(org.swtdx.cpu.core.Insn i) {
    return i.has(org.swtdx.cpu.core.Insn.W) && i.is64();
  }

  private void insert(int map, int opcode, int bits) {
    Handler legacy = sse((c, i) -> PartMoves.insertElement(c, i, bits, false));
    Handler vex = avx((c, i) -> PartMoves.insertElement(c, i, bits, true));
    t.both(map, P66, opcode, i -> legacy, SimdTable.only128(vex));
  }

  private void extract(int opcode, int bits) {
    Handler legacy = sse((c, i) -> PartMoves.extractElement(c, i, bits));
    Handler vex = avx((c, i) -> PartMoves.extractElement(c, i, bits));
    t.both(MAP_0F3A, P66, opcode, i -> legacy, unary128(vex));
  }
}
