package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F38;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F3A;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;
import static org.swtdx.cpu.simd.SimdTable.L0;
import static org.swtdx.cpu.simd.SimdTable.UNARY;
import static org.swtdx.cpu.simd.SimdTable.when;

import org.swtdx.cpu.core.Handler;

/** Registers AES-NI, PCLMULQDQ and the SHA extensions; 256-bit forms are not offered. */
final class CryptoOpcodes {
  private final SimdTable t;

  CryptoOpcodes(SimdTable t) {
    this.t = t;
  }

  void register() {
    both(MAP_0F38, 0xdb, Aes::inverseMixColumns, UNARY | L0);
    both(MAP_0F38, 0xdc, Aes.round(true), L0);
    both(MAP_0F38, 0xdd, Aes.lastRound(true), L0);
    both(MAP_0F38, 0xde, Aes.round(false), L0);
    both(MAP_0F38, 0xdf, Aes.lastRound(false), L0);
    both(MAP_0F3A, 0xdf, Aes::keyAssist, UNARY | L0);
    both(MAP_0F3A, 0x44, Aes::carrylessMultiply, L0);
    sha(MAP_0F38, 0xc8, Sha::sha1NextE);
    sha(MAP_0F38, 0xc9, Sha::sha1Message1);
    sha(MAP_0F38, 0xca, Sha::sha1Message2);
    sha(MAP_0F38, 0xcb, Sha::sha256Rounds);
    sha(MAP_0F38, 0xcc, Sha::sha256Message1);
    sha(MAP_0F38, 0xcd, Sha::sha256Message2);
    sha(MAP_0F3A, 0xcc, Sha::sha1Rounds);
  }

  private void both(int map, int opcode, LaneOp op, int conditions) {
    Handler sse = new LaneHandlers.Sse(op, 16);
    Handler vex = new LaneHandlers.Vex(op, 16);
    t.both(map, P66, opcode, i -> sse, when(conditions, vex));
  }

  private void sha(int map, int opcode, LaneOp op) {
    Handler handler = new LaneHandlers.Sse(op, 16);
    t.table.legacy(map, NONE, opcode, i -> handler);
  }
}
