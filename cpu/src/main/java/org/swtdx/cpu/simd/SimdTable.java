package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;

import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.HandlerFactory;
import org.swtdx.cpu.decode.OpcodeTable;
import org.swtdx.cpu.fpu.SseFloat;

/** Registers operations in all the forms they have: MMX, SSE, AVX with two or three operands. */
final class SimdTable {
  /** The underlying table. */
  final OpcodeTable table;

  SimdTable(OpcodeTable table) {
    this.table = table;
  }

  /** Condition of {@link #when}: no VEX.vvvv operand. */
  static final int UNARY = 1;

  /** Condition of {@link #when}: 128-bit. */
  static final int L0 = 2;

  /** Condition of {@link #when}: 256-bit. */
  static final int L1 = 4;

  /** Condition of {@link #when}: W clear. */
  static final int W0 = 8;

  /** Condition of {@link #when}: W set. */
  static final int W1 = 16;

  /** Condition of {@link #when}: the operand is in memory. */
  static final int MEMORY = 32;

  /** Condition of {@link #when}: the operand is a register. */
  static final int REGISTER = 64;

  /** Forms that meet all of {@code conditions}. */
  static HandlerFactory when(int conditions, Handler handler) {
    return i -> {
      int broken = i.vvvv != 0 ? UNARY : 0;
      broken |= i.vectorLength != 0 ? L0 : L1;
      broken |= i.has(Insn.W) ? W0 : W1;
      broken |= i.memory ? REGISTER : MEMORY;
      return (broken & conditions) == 0 ? handler : null;
    };
  }

  /** Memory forms only. */
  static HandlerFactory memory(Handler handler) {
    return i -> i.memory ? handler : null;
  }

  /** Register forms only. */
  static HandlerFactory register(Handler handler) {
    return i -> i.memory ? null : handler;
  }

  /** Forms without a VEX.vvvv operand. */
  static HandlerFactory unary(Handler handler) {
    return i -> i.vvvv == 0 ? handler : null;
  }

  /** 128-bit forms without a VEX.vvvv operand. */
  static HandlerFactory unary128(Handler handler) {
    return i -> i.vvvv == 0 && i.vectorLength == 0 ? handler : null;
  }

  /** 128-bit forms. */
  static HandlerFactory only128(Handler handler) {
    return i -> i.vectorLength == 0 ? handler : null;
  }

  /** A half-wise operation in SSE and AVX form. */
  void half(int map, int prefix, int opcode, HalfOp op) {
    Handler sse = new HalfHandlers.Sse(op);
    Handler vex = new HalfHandlers.Vex(op);
    table.legacy(map, prefix, opcode, i -> sse);
    table.vex(map, prefix, opcode, i -> vex);
  }

  /** A half-wise operation of map 0F in MMX, SSE and AVX form. */
  void integer(int opcode, HalfOp op) {
    integer(MAP_0F, opcode, op);
  }

  /** A half-wise operation in MMX, SSE and AVX form. */
  void integer(int map, int opcode, HalfOp op) {
    half(map, P66, opcode, op);
    Handler mmx = new HalfHandlers.Mmx(op);
    table.legacy(map, NONE, opcode, i -> mmx);
  }

  /** A half-wise operation with one operand in MMX, SSE and AVX form. */
  void integerUnary(int map, int opcode, HalfOp op) {
    Handler mmx = new HalfHandlers.Mmx(op);
    table.legacy(map, NONE, opcode, i -> mmx);
    Handler sse = new HalfHandlers.Sse(op);
    Handler vex = new HalfHandlers.Vex(op);
    table.legacy(map, P66, opcode, i -> sse);
    table.vex(map, P66, opcode, unary(vex));
  }

  /** A lane-wise operation with two sources in SSE and AVX form. */
  void lane(int map, int prefix, int opcode, LaneOp op) {
    Handler sse = new LaneHandlers.Sse(op, 16);
    Handler vex = new LaneHandlers.Vex(op, 16);
    table.legacy(map, prefix, opcode, i -> sse);
    table.vex(map, prefix, opcode, i -> vex);
  }

  /** A lane-wise operation with one source in SSE and AVX form. */
  void laneUnary(int map, int prefix, int opcode, LaneOp op) {
    Handler sse = new LaneHandlers.Sse(op, 16);
    Handler vex = new LaneHandlers.Vex(op, 16);
    table.legacy(map, prefix, opcode, i -> sse);
    table.vex(map, prefix, opcode, unary(vex));
  }

  /** A lane-wise floating-point operation in SSE and AVX form. */
  void floatLane(int map, int prefix, int opcode, LaneOp op) {
    Handler sse = new FloatLane(op, false);
    Handler vex = new FloatLane(op, true);
    table.legacy(map, prefix, opcode, i -> sse);
    table.vex(map, prefix, opcode, i -> vex);
  }

  /** A handler in SSE and AVX form. */
  void both(int map, int prefix, int opcode, HandlerFactory sse, HandlerFactory vex) {
    table.legacy(map, prefix, opcode, sse);
    table.vex(map, prefix, opcode, vex);
  }

  /** An arithmetic instruction in its forms PS, PD, SS and SD. */
  void arithmetic(int opcode, SseFloat.Op32 single, SseFloat.Op64 dual) {
    arithmetic(opcode, single, dual, false);
  }

  /** The same with a packed form of one operand. */
  void arithmetic(int opcode, SseFloat.Op32 single, SseFloat.Op64 dual, boolean unary) {
    singles(opcode, single, unary);
    Handler pd = new FloatHandlers.Packed64(dual, false);
    Handler sd = new FloatHandlers.Scalar64(dual, false);
    Handler vpd = new FloatHandlers.Packed64(dual, true);
    Handler vsd = new FloatHandlers.Scalar64(dual, true);
    both(MAP_0F, P66, opcode, i -> pd, unary ? unary(vpd) : i -> vpd);
    both(MAP_0F, OpcodeTable.F2, opcode, i -> sd, i -> vsd);
  }

  /** An instruction in its forms PS and SS. */
  void singles(int opcode, SseFloat.Op32 single, boolean unary) {
    Handler ps = new FloatHandlers.Packed32(single, false);
    Handler ss = new FloatHandlers.Scalar32(single, false);
    Handler vps = new FloatHandlers.Packed32(single, true);
    Handler vss = new FloatHandlers.Scalar32(single, true);
    both(MAP_0F, NONE, opcode, i -> ps, unary ? unary(vps) : i -> vps);
    both(MAP_0F, OpcodeTable.F3, opcode, i -> ss, i -> vss);
  }
}
