package org.swtdx.cpu.simd;

import org.swtdx.cpu.core.Core;

/** The MMX registers: the significands of the x87 registers (SDM Vol. 3A 14.2). */
final class Mmx64 {
  private static final int MF = 16;

  private Mmx64() {}

  /** Raises #UD, #NM or a pending #MF. */
  static void check(Core c) {
    if ((c.cr0 & 0xc) != 0) {
      throw c.raise((c.cr0 & 4) != 0 ? SimdHandler.UD : SimdHandler.NM);
    }
    if (c.fpu.errorPending()) {
      throw c.raise(MF);
    }
  }

  /** Switches the x87 state to MMX use: TOP 0, all registers valid. */
  static void enter(Core c) {
    c.fpu.top = 0;
    c.fpu.used = 0xff;
  }

  static long get(Core c, int register) {
    return c.fpu.significand[register & 7];
  }

  static void set(Core c, int register, long value) {
    c.fpu.significand[register & 7] = value;
    c.fpu.signExponent[register & 7] = 0xffff;
  }
}
