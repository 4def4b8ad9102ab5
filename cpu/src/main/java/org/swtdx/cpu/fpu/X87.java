package org.swtdx.cpu.fpu;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/**
 * What x87 instructions share: availability, pending errors, stack faults, and how exception flags
 * reach the status word (SDM Vol. 1 8.4 to 8.7). An unmasked exception is reported by the next
 * waiting instruction as #MF when CR0.NE is set; with CR0.NE clear it is ignored, as with IGNNE#
 * asserted, because the platform has no FERR# line.
 */
final class X87 {
  static final int NM = 7;
  static final int MF = 16;
  static final int BEFORE = FloatUnit.IE | FloatUnit.DE | FloatUnit.ZE;
  private static final long CR0_NE = 0x20;

  private X87() {}

  /** Raises #NM when the x87 is not available. */
  static void check(Core c) {
    if ((c.cr0 & 0xc) != 0) {
      throw c.raise(NM);
    }
  }

  /** Raises a pending #MF. */
  static void checkPending(Core c) {
    if (c.fpu.errorPending() && (c.cr0 & CR0_NE) != 0) {
      throw c.raise(MF);
    }
  }

  /** Starts a waiting, non-control instruction. */
  static FloatUnit begin(Core c, Insn i) {
    check(c);
    checkPending(c);
    FloatUnit u = c.fpu.unit;
    u.beginX87(c.fpu.control);
    return u;
  }

  /** Notes the address of a non-control instruction that completes. */
  static void retire(Core c, Insn i) {
    c.fpu.lastInstruction = i.rip;
  }

  /** Precision in bits that the control word asks for. */
  static int precision(Core c) {
    return switch (c.fpu.control >> 8 & 3) {
      case 0 -> 24;
      case 2 -> 53;
      default -> 64;
    };
  }

  /**
   * Merges the unit's flags into the status word; C1 tells whether the result was rounded up.
   * Returns false when an unmasked exception that precedes computation forbids the result.
   */
  static boolean finish(Core c, Insn i, FloatUnit u) {
    FpuState f = c.fpu;
    int flags = u.flags;
    boolean before = (flags & BEFORE & ~f.control) != 0;
    if (before) {
      flags &= BEFORE;
    }
    f.status = f.status & ~FpuState.C1 | flags;
    if ((flags & FloatUnit.PE) != 0 && u.roundedUp) {
      f.status |= FpuState.C1;
    }
    note(c, i, flags);
    return !before;
  }

  /** Records pointers and the summary bits after {@code flags} were set. */
  private static void note(Core c, Insn i, int flags) {
    FpuState f = c.fpu;
    retire(c, i);
    if ((flags & ~f.control & 0x3f) != 0) {
      f.status |= FpuState.ES | FpuState.BUSY;
      f.lastOpcode = (i.opcode & 7) << 8 | i.modrm & 0xff;
      if (i.memory) {
        f.lastData = c.effectiveAddress(i);
      }
    }
  }

  /**
   * Reports a stack fault.
   *
   * @return whether the masked response (an indefinite value) is to be given
   */
  static boolean stackFault(Core c, Insn i, boolean overflow) {
    FpuState f = c.fpu;
    f.status = f.status & ~FpuState.C1 | FpuState.IE | FpuState.SF;
    if (overflow) {
      f.status |= FpuState.C1;
    }
    note(c, i, FpuState.IE);
    return (f.control & FpuState.IE) != 0;
  }

  /** Unpacks ST({@code k}). */
  static void get(Core c, int k, Num target) {
    FpuState f = c.fpu;
    int r = f.physical(k);
    target.unpack80(f.signExponent[r], f.significand[r]);
  }

  /** Sets ST({@code k}) and marks it in use. */
  static void set(Core c, int k, Num value) {
    setRaw(c, k, value.signExponent80(), value.kind == Num.ZERO ? 0 : value.sig);
  }

  static void setRaw(Core c, int k, int signExponent, long significand) {
    FpuState f = c.fpu;
    int r = f.physical(k);
    f.signExponent[r] = signExponent;
    f.significand[r] = significand;
    f.used |= 1 << r;
  }

  static void setIndefinite(Core c, int k) {
    setRaw(c, k, 0xffff, 3L << 62);
  }

  static void pop(Core c) {
    FpuState f = c.fpu;
    f.used &= ~(1 << f.top);
    f.top = f.top + 1 & 7;
  }

  /**
   * Makes room for a push. On stack overflow the masked response pushes the indefinite.
   *
   * @return whether the caller is to set ST(0) after {@link #lower}
   */
  static boolean roomToPush(Core c, Insn i) {
    if (c.fpu.empty(7)) {
      return true;
    }
    if (stackFault(c, i, true)) {
      lower(c);
      setIndefinite(c, 0);
    }
    return false;
  }

  /** Decrements TOP. */
  static void lower(Core c) {
    c.fpu.top = c.fpu.top - 1 & 7;
  }

  static void clearC1(Core c) {
    c.fpu.status &= ~FpuState.C1;
  }

  static void setConditions(Core c, int bits) {
    int all = FpuState.C0 | FpuState.C1 | FpuState.C2 | FpuState.C3;
    c.fpu.status = c.fpu.status & ~all | bits;
  }
}
