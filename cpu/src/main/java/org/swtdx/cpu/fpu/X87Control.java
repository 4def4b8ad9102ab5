package org.swtdx.cpu.fpu;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;

/** Control-word, status-word and environment instructions of the x87 (SDM Vol. 1 8.1.10). */
final class X87Control {
  private static final long CR0_PE = 1;
  private static final long RFLAGS_VM = 0x20000;

  private X87Control() {}

  /** FWAIT: #NM only when both CR0.MP and CR0.TS are set. */
  static void await(Core c, Insn i) {
    if ((c.cr0 & 0xa) == 0xa) {
      throw c.raise(X87.NM);
    }
    X87.checkPending(c);
  }

  static void initialize(Core c, Insn i) {
    X87.check(c);
    c.fpu.initialize();
  }

  static void clearExceptions(Core c, Insn i) {
    X87.check(c);
    c.fpu.status &= ~(FpuState.BUSY | FpuState.ES | FpuState.SF | 0x3f);
  }

  static void loadControl(Core c, Insn i) {
    X87.check(c);
    X87.checkPending(c);
    c.fpu.setControlWord(c.load16(c.address(i, 2, false)));
  }

  static void storeControl(Core c, Insn i) {
    X87.check(c);
    c.store16(c.address(i, 2, true), c.fpu.control);
  }

  static void storeStatus(Core c, Insn i) {
    X87.check(c);
    c.store16(c.address(i, 2, true), c.fpu.statusWord());
  }

  static void storeStatusInAx(Core c, Insn i) {
    X87.check(c);
    c.gpr[0] = c.gpr[0] & ~0xffffL | c.fpu.statusWord();
  }

  /** FNOP and the retained FENI, FDISI and FSETPM. */
  static void nothing(Core c, Insn i) {
    X87.check(c);
    X87.checkPending(c);
  }

  private static boolean narrow(Insn i) {
    return !i.has(Insn.W) && i.has(Insn.OPSIZE) != (i.codeSize == 16);
  }

  private static boolean real(Core c) {
    return (c.cr0 & CR0_PE) == 0 || (c.flags.control & RFLAGS_VM) != 0;
  }

  private static int environmentSize(Insn i) {
    return narrow(i) ? 14 : 28;
  }

  static void storeEnvironment(Core c, Insn i) {
    X87.check(c);
    int size = environmentSize(i);
    long address = c.address(i, size, true);
    c.probeWrite(address, size);
    writeEnvironment(c, i, address);
    c.fpu.control |= 0x3f;
    c.fpu.updateSummary();
  }

  private static void writeEnvironment(Core c, Insn i, long address) {
    FpuState f = c.fpu;
    int ip = (int) f.lastInstruction;
    int dp = (int) f.lastData;
    int[] words = {f.control, f.statusWord(), f.tagWord(), ip, 0, dp, 0};
    boolean narrow = narrow(i);
    if (real(c)) {
      words[3] = ip & 0xffff;
      words[4] = (ip >>> 16) << 12 | f.lastOpcode;
      words[5] = dp & 0xffff;
      words[6] = (dp >>> 16) << 12;
    } else if (!narrow) {
      words[4] = f.lastOpcode << 16;
    }
    for (int k = 0; k < 7; k++) {
      if (narrow) {
        c.store16(address + 2L * k, words[k]);
      } else {
        boolean partial = k < 3 || k == 6 && !real(c);
        c.store32(address + 4L * k, partial ? words[k] | 0xffff_0000 : words[k]);
      }
    }
  }

  static void loadEnvironment(Core c, Insn i) {
    X87.check(c);
    X87.checkPending(c);
    int size = environmentSize(i);
    long address = c.address(i, size, false);
    c.probeRead(address, size);
    readEnvironment(c, i, address);
  }

  private static void readEnvironment(Core c, Insn i, long address) {
    FpuState f = c.fpu;
    boolean narrow = narrow(i);
    int[] words = new int[7];
    for (int k = 0; k < 7; k++) {
      words[k] = narrow ? c.load16(address + 2L * k) & 0xffff : c.load32(address + 4L * k);
    }
    f.setControlWord(words[0] & 0xffff);
    f.setStatusWord(words[1] & 0xffff);
    f.setTagWord(words[2]);
    if (real(c)) {
      f.lastInstruction = (words[3] & 0xffff | words[4] >>> 12 << 16) & 0xffff_ffffL;
      f.lastData = (words[5] & 0xffff | words[6] >>> 12 << 16) & 0xffff_ffffL;
      f.lastOpcode = words[4] & 0x7ff;
    } else {
      f.lastInstruction = words[3] & 0xffff_ffffL;
      f.lastData = words[5] & 0xffff_ffffL;
      f.lastOpcode = narrow ? f.lastOpcode : words[4] >>> 16 & 0x7ff;
    }
  }

  static void save(Core c, Insn i) {
    X87.check(c);
    int size = environmentSize(i);
    long address = c.address(i, size + 80, true);
    c.probeWrite(address, size + 80);
    writeEnvironment(c, i, address);
    for (int k = 0; k < 8; k++) {
      int r = c.fpu.physical(k);
      c.store64(address + size + 10L * k, c.fpu.significand[r]);
      c.store16(address + size + 10L * k + 8, c.fpu.signExponent[r]);
    }
    c.fpu.initialize();
  }

  static void restore(Core c, Insn i) {
    X87.check(c);
    X87.checkPending(c);
    int size = environmentSize(i);
    long address = c.address(i, size + 80, false);
    c.probeRead(address, size + 80);
    readEnvironment(c, i, address);
    for (int k = 0; k < 8; k++) {
      int r = c.fpu.physical(k);
      c.fpu.significand[r] = c.load64(address + size + 10L * k);
      c.fpu.signExponent[r] = c.load16(address + size + 10L * k + 8) & 0xffff;
    }
  }
}
