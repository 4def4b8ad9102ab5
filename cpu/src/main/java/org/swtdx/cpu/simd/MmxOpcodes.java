package org.swtdx.cpu.simd;

import static org.swtdx.cpu.decode.OpcodeTable.F2;
import static org.swtdx.cpu.decode.OpcodeTable.F3;
import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.decode.OpcodeTable.P66;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.HandlerFactory;
import org.swtdx.cpu.fpu.FloatUnit;

/** Registers the MMX instructions that have no SSE2 counterpart of the same shape. */
final class MmxOpcodes {
  private final SimdTable t;

  MmxOpcodes(SimdTable t) {
    this.t = t;
  }

  void register() {
    interleaves();
    moves();
    elements();
    transfers();
    conversions();
  }

  private void mmx(int opcode, HandlerFactory factory) {
    t.table.legacy(MAP_0F, NONE, opcode, factory);
  }

  private void half(int opcode, HalfOp op) {
    Handler handler = new HalfHandlers.Mmx(op);
    mmx(opcode, i -> handler);
  }

  /** The low interleaves read four bytes of memory only. */
  private void low(int opcode, HalfOp op) {
    Handler register = new HalfHandlers.Mmx(op);
    Handler memory =
        Handler.of(
            (c, i) -> {
              Mmx64.check(c);
              long source = SimdHandler.loadPart(c, i, 4);
              Mmx64.enter(c);
              Mmx64.set(c, i.reg, op.apply(Mmx64.get(c, i.reg), source));
            });
    mmx(opcode, i -> i.memory ? memory : register);
  }

  private void interleaves() {
    low(0x60, Shuffles::interleaveBytes);
    low(0x61, Shuffles::interleaveWords);
    low(0x62, Shuffles::interleaveDwords);
    half(0x68, (a, b) -> Shuffles.interleaveBytes(a >>> 32, b >>> 32));
    half(0x69, (a, b) -> Shuffles.interleaveWords(a >>> 32, b >>> 32));
    half(0x6a, (a, b) -> Shuffles.interleaveDwords(a >>> 32, b >>> 32));
    half(0x63, Shuffles::packSignedWords);
    half(0x67, Shuffles::packUnsignedWords);
    half(0x6b, Shuffles::packSignedDwords);
    mmx(
        0x70,
        i -> {
          int imm = (int) i.immediate;
          return new HalfHandlers.Mmx((a, b) -> Shuffles.shuffleWords(b, imm));
        });
  }

  private static Handler of(Handler.Operation operation) {
    return Handler.of(
        (c, i) -> {
          Mmx64.check(c);
          operation.execute(c, i);
        });
  }

  private void moves() {
    half(0x6f, (a, b) -> b);
    Handler load =
        of(
            (c, i) -> {
              long value = PartMoves.fromGeneral(c, i);
              Mmx64.enter(c);
              Mmx64.set(c, i.reg, value);
            });
    mmx(0x6e, i -> load);
    Handler store =
        of(
            (c, i) -> {
              PartMoves.toGeneral(c, i, Mmx64.get(c, i.reg));
              Mmx64.enter(c);
            });
    mmx(0x7e, i -> store);
    Handler whole = of(MmxOpcodes::storeWhole);
    mmx(0x7f, i -> whole);
    mmx(0xe7, SimdTable.memory(whole));
    Handler empty =
        of(
            (c, i) -> {
              Mmx64.enter(c);
              c.fpu.used = 0;
            });
    mmx(0x77, i -> empty);
  }

  private static void storeWhole(Core c, Insn i) {
    long value = Mmx64.get(c, i.reg);
    if (i.memory) {
      c.store64(c.address(i, 8, true), value);
      Mmx64.enter(c);
    } else {
      Mmx64.enter(c);
      Mmx64.set(c, i.rm, value);
    }
  }

  private void elements() {
    Handler insert =
        of(
            (c, i) -> {
              long value = i.memory ? SimdHandler.loadPart(c, i, 2) : c.gpr[i.rm];
              int shift = ((int) i.immediate & 3) * 16;
              Mmx64.enter(c);
              long old = Mmx64.get(c, i.reg) & ~(0xffffL << shift);
              Mmx64.set(c, i.reg, old | (value & 0xffff) << shift);
            });
    mmx(0xc4, i -> insert);
    Handler extract =
        of(
            (c, i) -> {
              Mmx64.enter(c);
              c.gpr[i.reg] = Mmx64.get(c, i.rm) >>> ((int) i.immediate & 3) * 16 & 0xffff;
            });
    mmx(0xc5, SimdTable.register(extract));
    Handler mask =
        of(
            (c, i) -> {
              Mmx64.enter(c);
              c.gpr[i.reg] = PartMoves.byteMask(Mmx64.get(c, i.rm));
            });
    mmx(0xd7, SimdTable.register(mask));
    Handler masked =
        of(
            (c, i) -> {
              int selected = (int) PartMoves.byteMask(Mmx64.get(c, i.rm));
              PartMoves.maskedStore(c, i, Mmx64.get(c, i.reg), 0, selected, 8);
              Mmx64.enter(c);
            });
    mmx(0xf7, SimdTable.register(masked));
  }

  private void transfers() {
    Handler toMmx =
        of(
            (c, i) -> {
              SimdHandler.checkSse(c);
              Mmx64.enter(c);
              Mmx64.set(c, i.reg, c.vec[i.rm << 2]);
            });
    t.table.legacy(MAP_0F, F2, 0xd6, SimdTable.register(toMmx));
    Handler fromMmx =
        of(
            (c, i) -> {
              SimdHandler.checkSse(c);
              Mmx64.enter(c);
              c.vec[i.reg << 2] = Mmx64.get(c, i.rm);
              c.vec[(i.reg << 2) + 1] = 0;
            });
    t.table.legacy(MAP_0F, F3, 0xd6, SimdTable.register(fromMmx));
  }

  private void conversions() {
    Handler toSingles = of((c, i) -> fromIntegers(c, i, false));
    mmx(0x2a, i -> toSingles);
    Handler toDoubles = of((c, i) -> fromIntegers(c, i, true));
    t.table.legacy(MAP_0F, P66, 0x2a, i -> toDoubles);
    for (int opcode = 0x2c; opcode <= 0x2d; opcode++) {
      boolean truncate = opcode == 0x2c;
      Handler singles = of((c, i) -> toIntegers(c, i, false, truncate));
      Handler doubles = of((c, i) -> toIntegers(c, i, true, truncate));
      mmx(opcode, i -> singles);
      t.table.legacy(MAP_0F, P66, opcode, i -> doubles);
    }
  }

  /** CVTPI2PS and CVTPI2PD; the memory form of the latter leaves the x87 state alone. */
  private static void fromIntegers(Core c, Insn i, boolean wide) {
    SimdHandler.checkSse(c);
    long source = i.memory ? SimdHandler.loadPart(c, i, 8) : Mmx64.get(c, i.rm);
    if (!(wide && i.memory)) {
      Mmx64.enter(c);
    }
    int d = i.reg << 2;
    FloatUnit u = FloatHandlers.begin(c);
    if (wide) {
      c.vec[d] = org.swtdx.cpu.fpu.SseConvert.integerToDouble(u, source << 32 >> 32);
      c.vec[d + 1] = org.swtdx.cpu.fpu.SseConvert.integerToDouble(u, source >> 32);
    } else {
      long result = FloatOps.integersToSingles(u, source);
      FloatHandlers.finish(c, u);
      c.vec[d] = result;
    }
  }

  /** CVT(T)PS2PI and CVT(T)PD2PI. */
  private static void toIntegers(Core c, Insn i, boolean wide, boolean truncate) {
    SimdHandler.checkSse(c);
    long lo;
    long hi = 0;
    if (i.memory) {
      long address = wide ? SimdHandler.aligned(c, i, 16, false) : c.address(i, 8, false);
      lo = c.load64(address);
      hi = wide ? c.load64(address + 8) : 0;
    } else {
      lo = c.vec[i.rm << 2];
      hi = c.vec[(i.rm << 2) + 1];
    }
    Mmx64.enter(c);
    FloatUnit u = FloatHandlers.begin(c);
    long result =
        wide
            ? FloatOps.doublesToIntegers(u, lo, hi, truncate)
            : FloatOps.singlesToIntegers(u, lo, truncate);
    FloatHandlers.finish(c, u);
    Mmx64.set(c, i.reg, result);
  }
}
