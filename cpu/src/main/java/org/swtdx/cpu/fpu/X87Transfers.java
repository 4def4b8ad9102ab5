package org.swtdx.cpu.fpu;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Loads, stores, exchanges and constants of the x87 stack. */
final class X87Transfers {
  private static final int BOTH = FloatUnit.OE | FloatUnit.UE;

  private X87Transfers() {}

  /** FLD m32, m64 and FILD m16, m32, m64. */
  static void load(Core c, Insn i, X87Arithmetic.Source source) {
    FloatUnit u = X87.begin(c, i);
    source.load(c, i, u.a);
    if (!X87.roomToPush(c, i)) {
      return;
    }
    if (!u.propagateNanUnary()) {
      u.r.set(u.a);
      u.r.denormal = false;
      u.flags |= u.a.denormal ? FloatUnit.DE : 0;
    }
    X87.finish(c, i, u);
    // An unmasked denormal exception comes with the converted value loaded.
    if ((u.flags & FloatUnit.IE & ~c.fpu.control) == 0) {
      X87.lower(c);
      X87.set(c, 0, u.r);
    }
  }

  static void quadword(Core c, Insn i, Num target) {
    X87Arithmetic.integer(target, c.load64(c.address(i, 8, false)));
  }

  /** FLD m80: no conversion, no exception but stack overflow. */
  static void loadExtended(Core c, Insn i) {
    X87.begin(c, i);
    long address = c.address(i, 10, false);
    long significand = c.load64(address);
    int signExponent = c.load16(address + 8) & 0xffff;
    push(c, i, signExponent, significand);
  }

  private static void push(Core c, Insn i, int signExponent, long significand) {
    if (X87.roomToPush(c, i)) {
      X87.retire(c, i);
      X87.clearC1(c);
      X87.lower(c);
      X87.setRaw(c, 0, signExponent, significand);
    }
  }

  /** FLD ST(k). */
  static void loadRegister(Core c, Insn i) {
    X87.begin(c, i);
    int k = i.modrm & 7;
    if (c.fpu.empty(k)) {
      if (X87.stackFault(c, i, false)) {
        X87.lower(c);
        X87.setIndefinite(c, 0);
      }
      return;
    }
    int r = c.fpu.physical(k);
    push(c, i, c.fpu.signExponent[r], c.fpu.significand[r]);
  }

  /** FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ: {@code next} holds the bits after 64. */
  static void constant(Core c, Insn i, int exponent, long significand, boolean roundsUp) {
    FloatUnit u = X87.begin(c, i);
    long value = significand;
    // The stored constants are rounded to nearest; directed modes give the neighbour.
    boolean up = u.rounding == FloatUnit.UP && !roundsUp;
    boolean down = (u.rounding == FloatUnit.DOWN || u.rounding == FloatUnit.TRUNCATE) && roundsUp;
    if (exponent != 0 && (significand << 1) != 0) {
      value += up ? 1 : down ? -1 : 0;
    }
    push(c, i, exponent, value);
  }

  /** FXCH. */
  static void exchange(Core c, Insn i) {
    X87.begin(c, i);
    int k = i.modrm & 7;
    if (c.fpu.empty(0) || c.fpu.empty(k)) {
      if (!X87.stackFault(c, i, false)) {
        return;
      }
      if (c.fpu.empty(0)) {
        X87.setIndefinite(c, 0);
      }
      if (c.fpu.empty(k)) {
        X87.setIndefinite(c, k);
      }
    } else {
      X87.retire(c, i);
      X87.clearC1(c);
    }
    FpuState f = c.fpu;
    int x = f.top;
    int y = f.physical(k);
    long sig = f.significand[x];
    int se = f.signExponent[x];
    f.significand[x] = f.significand[y];
    f.signExponent[x] = f.signExponent[y];
    f.significand[y] = sig;
    f.signExponent[y] = se;
  }

  /** FST and FSTP to ST(k). */
  static void storeRegister(Core c, Insn i, boolean pop) {
    X87.begin(c, i);
    int k = i.modrm & 7;
    if (c.fpu.empty(0)) {
      if (!X87.stackFault(c, i, false)) {
        return;
      }
      X87.setIndefinite(c, k);
    } else {
      X87.retire(c, i);
      X87.clearC1(c);
      X87.setRaw(c, k, c.fpu.signExponent[c.fpu.top], c.fpu.significand[c.fpu.top]);
    }
    if (pop) {
      X87.pop(c);
    }
  }

  /** FSTPNCE, the D9 alias of FSTP ST(k): an empty ST(0) is no stack fault. */
  static void storeUnchecked(Core c, Insn i) {
    if (!c.fpu.empty(0)) {
      storeRegister(c, i, true);
      return;
    }
    X87.begin(c, i);
    X87.retire(c, i);
    X87.clearC1(c);
    X87.pop(c);
  }

  /** FFREE and FFREEP. */
  static void free(Core c, Insn i, boolean pop) {
    X87.begin(c, i);
    X87.retire(c, i);
    X87.clearC1(c);
    c.fpu.used &= ~(1 << c.fpu.physical(i.modrm & 7));
    if (pop) {
      X87.pop(c);
    }
  }

  /** FINCSTP and FDECSTP. */
  static void rotate(Core c, Insn i, int by) {
    X87.begin(c, i);
    X87.retire(c, i);
    X87.clearC1(c);
    c.fpu.top = c.fpu.top + by & 7;
  }

  /** FST and FSTP to m32 or m64. */
  static void storeReal(Core c, Insn i, boolean wide, boolean pop) {
    FloatUnit u = X87.begin(c, i);
    int size = wide ? 8 : 4;
    long address = c.address(i, size, true);
    c.probeWrite(address, size);
    if (c.fpu.empty(0)) {
      if (!X87.stackFault(c, i, false)) {
        return;
      }
      u.r.setIndefinite();
    } else {
      X87.get(c, 0, u.a);
      if (!u.propagateNanUnary()) {
        u.r.set(u.a);
        u.r.denormal = false;
        if (wide) {
          u.round64();
        } else {
          u.round32();
        }
      }
      if (!finishStore(c, i, u)) {
        return;
      }
    }
    c.store(address, size, wide ? u.r.pack64() : u.r.pack32());
    if (pop) {
      X87.pop(c);
    }
  }

  /** Unmasked overflow and underflow also forbid a store to memory. */
  private static boolean finishStore(Core c, Insn i, FloatUnit u) {
    boolean scaled = (u.flags & BOTH & ~u.masks) != 0;
    if (scaled) {
      u.flags &= ~FloatUnit.PE;
    }
    return X87.finish(c, i, u) && !scaled;
  }

  /** FSTP m80. */
  static void storeExtended(Core c, Insn i) {
    X87.begin(c, i);
    long address = c.address(i, 10, true);
    c.probeWrite(address, 10);
    if (c.fpu.empty(0)) {
      if (!X87.stackFault(c, i, false)) {
        return;
      }
      c.store64(address, 3L << 62);
      c.store16(address + 8, 0xffff);
    } else {
      X87.retire(c, i);
      X87.clearC1(c);
      c.store64(address, c.fpu.significand[c.fpu.top]);
      c.store16(address + 8, c.fpu.signExponent[c.fpu.top]);
    }
    X87.pop(c);
  }

  /** FIST, FISTP and FISTTP to an integer of {@code size} bytes. */
  static void storeInteger(Core c, Insn i, int size, boolean pop, boolean truncate) {
    FloatUnit u = X87.begin(c, i);
    long address = c.address(i, size, true);
    c.probeWrite(address, size);
    long value = -1L << size * 8 - 1;
    if (c.fpu.empty(0)) {
      if (!X87.stackFault(c, i, false)) {
        return;
      }
    } else {
      X87.get(c, 0, u.a);
      value = u.toInteger(size * 8, truncate ? FloatUnit.TRUNCATE : u.rounding);
      if (!X87.finish(c, i, u)) {
        return;
      }
    }
    c.store(address, size, value);
    if (pop) {
      X87.pop(c);
    }
  }

  /** FBLD: eighteen packed decimal digits and a sign byte. */
  static void loadDecimal(Core c, Insn i) {
    FloatUnit u = X87.begin(c, i);
    long address = c.address(i, 10, false);
    long digits = c.load64(address);
    int top = c.load16(address + 8) & 0xffff;
    if (!X87.roomToPush(c, i)) {
      return;
    }
    long value = (top >> 4 & 15) * 10L + (top & 15);
    for (int shift = 60; shift >= 0; shift -= 4) {
      value = value * 10 + (digits >>> shift & 15);
    }
    u.r.setInteger((top & 0x8000) != 0, value, 0);
    X87.retire(c, i);
    X87.clearC1(c);
    X87.lower(c);
    X87.set(c, 0, u.r);
  }

  /** FBSTP. */
  static void storeDecimal(Core c, Insn i) {
    FloatUnit u = X87.begin(c, i);
    long address = c.address(i, 10, true);
    c.probeWrite(address, 10);
    boolean valid = false;
    long value = 0;
    boolean negative = false;
    if (c.fpu.empty(0)) {
      if (!X87.stackFault(c, i, false)) {
        return;
      }
    } else {
      X87.get(c, 0, u.a);
      negative = u.a.negative;
      value = Math.abs(u.toInteger(64, u.rounding));
      if (value < 0 || value > 999_999_999_999_999_999L) {
        u.flags = u.flags & ~FloatUnit.PE | FloatUnit.IE;
      }
      valid = (u.flags & FloatUnit.IE) == 0;
      if (!X87.finish(c, i, u)) {
        return;
      }
    }
    long low = 0xc000_0000_0000_0000L;
    int high = 0xffff;
    if (valid) {
      low = 0;
      for (int shift = 0; shift < 64; shift += 4) {
        low |= value % 10 << shift;
        value /= 10;
      }
      high = (int) (value % 10 | value / 10 << 4) | (negative ? 0x8000 : 0);
    }
    c.store64(address, low);
    c.store16(address + 8, high);
    X87.pop(c);
  }
}
