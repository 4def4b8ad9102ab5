package org.swtdx.cpu.fpu;

import static org.swtdx.cpu.decode.OpcodeTable.MAP_0F;
import static org.swtdx.cpu.decode.OpcodeTable.NONE;
import static org.swtdx.cpu.fpu.StateImage.AVX;
import static org.swtdx.cpu.fpu.StateImage.EXTENDED;
import static org.swtdx.cpu.fpu.StateImage.HEADER;
import static org.swtdx.cpu.fpu.StateImage.MXCSR_INITIAL;
import static org.swtdx.cpu.fpu.StateImage.PKRU;
import static org.swtdx.cpu.fpu.StateImage.SSE;
import static org.swtdx.cpu.fpu.StateImage.X87;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Handler;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.decode.OpcodeTable;

/** FXSAVE, FXRSTOR, LDMXCSR, STMXCSR and the XSAVE family (SDM Vol. 1 chapter 13). */
final class StateInstructions {
  private static final int UD = 6;
  private static final int NM = 7;
  private static final int GP = 13;
  private static final int XSTATE_BV = HEADER / 8;
  private static final int XCOMP_BV = HEADER / 8 + 1;
  private static final long CR0_EM_TS = 0xc;
  private static final long CR4_OSFXSR = 1 << 9;
  private static final long CR4_OSXSAVE = 1 << 18;

  private StateInstructions() {}

  static void register(OpcodeTable table) {
    group(table, 0, StateInstructions::fxsave);
    group(table, 1, StateInstructions::fxrstor);
    group(table, 2, (c, i) -> loadMxcsr(c, i, false));
    group(table, 3, (c, i) -> storeMxcsr(c, i, false));
    group(table, 4, (c, i) -> save(c, i, false));
    group(table, 5, (c, i) -> restore(c, i, false));
    group(table, 6, (c, i) -> save(c, i, true));
    compact(table, 3, (c, i) -> restore(c, i, true));
    compact(table, 4, (c, i) -> saveCompacted(c, i, false));
    compact(table, 5, (c, i) -> saveCompacted(c, i, true));
    vex(table, 2, (c, i) -> loadMxcsr(c, i, true));
    vex(table, 3, (c, i) -> storeMxcsr(c, i, true));
  }

  private static void group(OpcodeTable table, int extension, Handler.Operation operation) {
    Handler handler = Handler.of(operation);
    table.group(MAP_0F, NONE, 0xae, extension, i -> i.memory ? handler : null);
  }

  private static void compact(OpcodeTable table, int extension, Handler.Operation operation) {
    Handler handler = Handler.of(operation);
    table.group(MAP_0F, NONE, 0xc7, extension, i -> i.memory ? handler : null);
  }

  private static void vex(OpcodeTable table, int extension, Handler.Operation operation) {
    Handler handler = Handler.of(operation);
    table.vexGroup(
        MAP_0F,
        NONE,
        0xae,
        extension,
        i -> i.memory && i.vvvv == 0 && i.vectorLength == 0 ? handler : null);
  }

  private static void checkMxcsrAccess(Core c, boolean vex) {
    boolean undefined =
        vex
            ? (c.cr4 & CR4_OSXSAVE) == 0 || (c.xcr0 & 6) != 6
            : (c.cr0 & 4) != 0 || (c.cr4 & CR4_OSFXSR) == 0;
    if (undefined) {
      throw c.raise(UD);
    }
    if ((c.cr0 & 8) != 0) {
      throw c.raise(NM);
    }
  }

  private static void loadMxcsr(Core c, Insn i, boolean vex) {
    checkMxcsrAccess(c, vex);
    int value = c.load32(c.address(i, 4, false));
    if ((value & ~StateImage.MXCSR_MASK) != 0) {
      throw c.raise(GP, 0);
    }
    c.mxcsr = value;
  }

  private static void storeMxcsr(Core c, Insn i, boolean vex) {
    checkMxcsrAccess(c, vex);
    c.store32(c.address(i, 4, true), c.mxcsr);
  }

  private static long aligned(Core c, Insn i, int size, int alignment, boolean write) {
    long address = c.address(i, size, write);
    if ((address & alignment - 1) != 0) {
      throw c.raise(GP, 0);
    }
    return address;
  }

  private static int registers(Core c) {
    return c.code64 ? 16 : 8;
  }

  private static void fxsave(Core c, Insn i) {
    if ((c.cr0 & CR0_EM_TS) != 0) {
      throw c.raise(NM);
    }
    long address = aligned(c, i, 512, 16, true);
    c.probeWrite(address, 512);
    StateImage image = c.fpu.image;
    image.collectX87(c, i.has(Insn.W));
    image.collectMxcsr(c);
    image.collectXmm(c, 16);
    image.store(c, address, 0, 160 + 16 * registers(c));
  }

  private static void fxrstor(Core c, Insn i) {
    if ((c.cr0 & CR0_EM_TS) != 0) {
      throw c.raise(NM);
    }
    long address = aligned(c, i, 512, 16, false);
    c.probeRead(address, 512);
    StateImage image = c.fpu.image;
    image.load(c, address, 0, 416);
    if (!image.mxcsrValid()) {
      throw c.raise(GP, 0);
    }
    image.applyX87(c, i.has(Insn.W));
    c.mxcsr = image.mxcsr();
    image.applyXmm(c, registers(c));
  }

  private static void checkXsave(Core c) {
    if ((c.cr4 & CR4_OSXSAVE) == 0) {
      throw c.raise(UD);
    }
    if ((c.cr0 & 8) != 0) {
      throw c.raise(NM);
    }
  }

  /** The requested-feature bitmap: EDX:EAX limited to what is enabled. */
  private static int requested(Core c, boolean supervisor) {
    long enabled = supervisor ? c.xcr0 | c.xss : c.xcr0;
    return (int) (enabled & (c.gpr[0] & 0xffff_ffffL | c.gpr[2] << 32));
  }

  private static int extent(int components, long compaction) {
    if ((components & PKRU) != 0) {
      return StateImage.offset(9, compaction) + 8;
    }
    return (components & AVX) != 0 ? EXTENDED + 256 : EXTENDED;
  }

  /** XSAVE, and XSAVEOPT with its init optimization. */
  private static void save(Core c, Insn i, boolean optimize) {
    checkXsave(c);
    int mask = requested(c, false);
    int size = extent(mask, 0);
    long address = aligned(c, i, size, 64, true);
    c.probeWrite(address, size);
    StateImage image = c.fpu.image;
    int used = image.inUse(c);
    long header = c.load64(address + HEADER);
    write(c, i, address, optimize ? mask & used : mask, 0);
    if ((mask & (SSE | AVX)) != 0) {
      image.collectMxcsr(c);
      image.store(c, address, 24, 8);
    }
    c.store64(address + HEADER, header & ~(long) mask | mask & used);
  }

  private static void saveCompacted(Core c, Insn i, boolean supervisor) {
    checkXsave(c);
    if (supervisor && c.cpl != 0) {
      throw c.raise(GP, 0);
    }
    int mask = requested(c, supervisor);
    long compaction = mask | Long.MIN_VALUE;
    int size = extent(mask, compaction);
    long address = aligned(c, i, size, 64, true);
    c.probeWrite(address, size);
    StateImage image = c.fpu.image;
    int used = image.inUse(c);
    if (c.mxcsr != MXCSR_INITIAL) {
      used |= SSE;
    }
    used &= mask;
    write(c, i, address, used, compaction);
    if ((used & SSE) != 0) {
      image.collectMxcsr(c);
      image.store(c, address, 24, 8);
    }
    c.store64(address + HEADER, used);
    c.store64(address + HEADER + 8, compaction);
  }

  private static void write(Core c, Insn i, long address, int components, long compaction) {
    StateImage image = c.fpu.image;
    int n = registers(c);
    if ((components & X87) != 0) {
      image.collectX87(c, i.has(Insn.W));
      image.store(c, address, 0, 24);
      image.store(c, address, 32, 128);
    }
    if ((components & SSE) != 0) {
      image.collectXmm(c, n);
      image.store(c, address, 160, 16 * n);
    }
    if ((components & AVX) != 0) {
      image.collectAvx(c, n, EXTENDED);
      image.store(c, address, EXTENDED, 16 * n);
    }
    if ((components & PKRU) != 0) {
      int offset = StateImage.offset(9, compaction);
      image.collectPkru(c, offset);
      image.store(c, address, offset, 8);
    }
  }

  /** XRSTOR, and XRSTORS when {@code supervisor}. */
  private static void restore(Core c, Insn i, boolean supervisor) {
    checkXsave(c);
    if (supervisor && c.cpl != 0) {
      throw c.raise(GP, 0);
    }
    int mask = requested(c, supervisor);
    long address = aligned(c, i, EXTENDED, 64, false);
    StateImage image = c.fpu.image;
    image.load(c, address, HEADER, 64);
    long compaction = image.words[XCOMP_BV];
    checkHeader(c, image, supervisor);
    boolean compacted = compaction < 0;
    int present = (int) image.words[XSTATE_BV] & mask;
    c.probeRead(address, extent(present, compaction));
    boolean mxcsr = compacted ? (present & SSE) != 0 : (mask & (SSE | AVX)) != 0;
    read(c, image, address, present, compaction);
    if (mxcsr) {
      image.load(c, address, 24, 8);
      if (!image.mxcsrValid()) {
        throw c.raise(GP, 0);
      }
      c.mxcsr = image.mxcsr();
    } else if (compacted && (mask & SSE) != 0) {
      c.mxcsr = MXCSR_INITIAL;
    }
    image.initialize(c, mask & ~present, registers(c));
    apply(c, i, image, present, compaction);
    if ((mask & PKRU) != 0) {
      c.endBlock();
    }
  }

  private static void checkHeader(Core c, StateImage image, boolean supervisor) {
    long states = image.words[XSTATE_BV];
    long compaction = image.words[XCOMP_BV];
    long enabled = supervisor ? c.xcr0 | c.xss : c.xcr0;
    boolean valid;
    if (compaction < 0) {
      long named = compaction & Long.MAX_VALUE;
      long reserved = 0;
      for (int k = 2; k < 8; k++) {
        reserved |= image.words[HEADER / 8 + k];
      }
      valid = (named & ~enabled) == 0 && (states & ~named) == 0 && reserved == 0;
    } else {
      valid =
          !supervisor
              && (states & ~enabled) == 0
              && compaction == 0
              && image.words[HEADER / 8 + 2] == 0;
    }
    if (!valid) {
      throw c.raise(GP, 0);
    }
  }

  private static void read(
      Core c, StateImage image, long address, int components, long compaction) {
    int n = registers(c);
    if ((components & X87) != 0) {
      image.load(c, address, 0, 24);
      image.load(c, address, 32, 128);
    }
    if ((components & SSE) != 0) {
      image.load(c, address, 160, 16 * n);
    }
    if ((components & AVX) != 0) {
      image.load(c, address, EXTENDED, 16 * n);
    }
    if ((components & PKRU) != 0) {
      image.load(c, address, StateImage.offset(9, compaction), 8);
    }
  }

  private static void apply(Core c, Insn i, StateImage image, int components, long compaction) {
    int n = registers(c);
    if ((components & X87) != 0) {
      image.applyX87(c, i.has(Insn.W));
    }
    if ((components & SSE) != 0) {
      image.applyXmm(c, n);
    }
    if ((components & AVX) != 0) {
      image.applyAvx(c, n, EXTENDED);
    }
    if ((components & PKRU) != 0) {
      image.applyPkru(c, StateImage.offset(9, compaction));
    }
  }
}
