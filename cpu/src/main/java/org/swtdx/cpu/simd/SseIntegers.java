package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.F2;
import static org.swtdx.cpu.decode.OpcodeTable.F3;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;

import org.swtdx.cpu.core.Handler;

/** Registers the packed integer instructions of MMX and SSE2 and their AVX forms. */
final class SseIntegers {
  private final SimdTable t;

  SseIntegers(SimdTable t) {
    this.t = t;
  }

  void register() {
    arithmetic();
    comparisons();
    logic();
    interleaves();
    shuffles();
    shifts();
  }

  private void arithmetic() {
    t.integer(0xfc, Packed::addBytes);
    t.integer(0xfd, Packed::addWords);
    t.integer(0xfe, Packed::addDwords);
    t.integer(0xd4, Long::sum);
    t.integer(0xf8, Packed::subBytes);
    t.integer(0xf9, Packed::subWords);
    t.integer(0xfa, Packed::subDwords);
    t.integer(0xfb, (a, b) -> a - b);
    t.integer(0xec, Packed::addSaturatedBytes);
    t.integer(0xed, Packed::addSaturatedWords);
    t.integer(0xe8, Packed::subSaturatedBytes);
    t.integer(0xe9, Packed::subSaturatedWords);
    t.integer(0xdc, Packed::addUnsignedSaturatedBytes);
    t.integer(0xdd, Packed::addUnsignedSaturatedWords);
    t.integer(0xd8, Packed::subUnsignedSaturatedBytes);
    t.integer(0xd9, Packed::subUnsignedSaturatedWords);
    t.integer(0xd5, Packed::multiplyLow);
    t.integer(0xe5, Packed::multiplyHigh);
    t.integer(0xe4, Packed::multiplyHighUnsigned);
    t.integer(0xf4, (a, b) -> (a & 0xffff_ffffL) * (b & 0xffff_ffffL));
    t.integer(0xf5, Packed::multiplyAddWords);
    t.integer(0xf6, Packed::sumOfDifferences);
    t.integer(0xe0, Packed::averageBytes);
    t.integer(0xe3, Packed::averageWords);
    t.integer(0xda, Packed::minUnsignedBytes);
    t.integer(0xde, Packed::maxUnsignedBytes);
    t.integer(0xea, (a, b) -> Packed.words(a, b, Math::min));
    t.integer(0xee, (a, b) -> Packed.words(a, b, Math::max));
  }

  private void comparisons() {
    t.integer(0x74, Packed::equalBytes);
    t.integer(0x75, Packed::equalWords);
    t.integer(0x76, Packed::equalDwords);
    t.integer(0x64, Packed::greaterBytes);
    t.integer(0x65, Packed::greaterWords);
    t.integer(0x66, Packed::greaterDwords);
  }

  private void logic() {
    HalfOp and = (a, b) -> a & b;
    HalfOp andNot = (a, b) -> ~a & b;
    HalfOp or = (a, b) -> a | b;
    HalfOp xor = (a, b) -> a ^ b;
    t.integer(0xdb, and);
    t.integer(0xdf, andNot);
    t.integer(0xeb, or);
    t.integer(0xef, xor);
    for (int prefix : new int[] {NONE, P66}) {
      t.half(MAP_0F, prefix, 0x54, and);
      t.half(MAP_0F, prefix, 0x55, andNot);
      t.half(MAP_0F, prefix, 0x56, or);
      t.half(MAP_0F, prefix, 0x57, xor);
    }
  }

  private void interleaves() {
    t.lane(MAP_0F, P66, 0x60, Shuffles::unpackLowBytes);
    t.lane(MAP_0F, P66, 0x61, Shuffles::unpackLowWords);
    t.lane(MAP_0F, P66, 0x62, Shuffles::unpackLowDwords);
    t.lane(MAP_0F, P66, 0x6c, Shuffles::unpackLowQwords);
    t.lane(MAP_0F, P66, 0x68, Shuffles::unpackHighBytes);
    t.lane(MAP_0F, P66, 0x69, Shuffles::unpackHighWords);
    t.lane(MAP_0F, P66, 0x6a, Shuffles::unpackHighDwords);
    t.lane(MAP_0F, P66, 0x6d, Shuffles::unpackHighQwords);
    t.lane(MAP_0F, NONE, 0x14, Shuffles::unpackLowDwords);
    t.lane(MAP_0F, P66, 0x14, Shuffles::unpackLowQwords);
    t.lane(MAP_0F, NONE, 0x15, Shuffles::unpackHighDwords);
    t.lane(MAP_0F, P66, 0x15, Shuffles::unpackHighQwords);
    t.lane(MAP_0F, P66, 0x63, Shuffles.packing(Shuffles::packSignedWords));
    t.lane(MAP_0F, P66, 0x67, Shuffles.packing(Shuffles::packUnsignedWords));
    t.lane(MAP_0F, P66, 0x6b, Shuffles.packing(Shuffles::packSignedDwords));
  }

  private void shuffles() {
    t.laneUnary(MAP_0F, P66, 0x70, Shuffles::shuffleDwords);
    t.laneUnary(MAP_0F, F2, 0x70, Shuffles::shuffleLowWords);
    t.laneUnary(MAP_0F, F3, 0x70, Shuffles::shuffleHighWords);
    t.lane(MAP_0F, NONE, 0xc6, Shuffles::shuffleSingles);
    t.lane(MAP_0F, P66, 0xc6, Shuffles::shuffleDoubles);
  }

  private void shifts() {
    shift(0xd1, 0x71, 2, Packed::shiftRightWords);
    shift(0xd2, 0x72, 2, Packed::shiftRightDwords);
    shift(0xd3, 0x73, 2, Packed::shiftRightQword);
    shift(0xe1, 0x71, 4, Packed::shiftArithmeticWords);
    shift(0xe2, 0x72, 4, Packed::shiftArithmeticDwords);
    shift(0xf1, 0x71, 6, Packed::shiftLeftWords);
    shift(0xf2, 0x72, 6, Packed::shiftLeftDwords);
    shift(0xf3, 0x73, 6, Packed::shiftLeftQword);
    bytes(3, false);
    bytes(7, true);
  }

  private void shift(int opcode, int group, int extension, HalfOp op) {
    Handler sse = new ShiftHandlers.ByRegister(op, false);
    Handler vex = new ShiftHandlers.ByRegister(op, true);
    Handler mmx = new HalfHandlers.Mmx(op);
    t.both(MAP_0F, P66, opcode, i -> sse, i -> vex);
    t.table.legacy(MAP_0F, NONE, opcode, i -> mmx);
    Handler immediate = new ShiftHandlers.ByImmediate(op, false);
    Handler vexImmediate = new ShiftHandlers.ByImmediate(op, true);
    Handler mmxImmediate = new ShiftHandlers.MmxImmediate(op);
    t.table.group(MAP_0F, P66, group, extension, SimdTable.register(immediate));
    t.table.vexGroup(MAP_0F, P66, group, extension, SimdTable.register(vexImmediate));
    t.table.group(MAP_0F, NONE, group, extension, SimdTable.register(mmxImmediate));
  }

  private void bytes(int extension, boolean left) {
    Handler sse = new ShiftHandlers.Bytes(left, false);
    Handler vex = new ShiftHandlers.Bytes(left, true);
    t.table.group(MAP_0F, P66, 0x73, extension, SimdTable.register(sse));
    t.table.vexGroup(MAP_0F, P66, 0x73, extension, SimdTable.register(vex));
  }
}
