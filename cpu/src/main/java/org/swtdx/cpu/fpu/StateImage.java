package org.swtdx.cpu.fpu;

import java.util.Arrays;
import org.swtdx.cpu.core.Core;

/**
 * The FXSAVE region and the XSAVE area in standard and compacted form (SDM Vol. 1 10.5.1, 13.4) as
 * a buffer of quadwords, between the registers of a core and memory.
 */
final class StateImage {
  static final int X87 = 1;
  static final int SSE = 2;
  static final int AVX = 4;
  static final int PKRU = 1 << 9;
  static final int MXCSR_MASK = 0xffff;
  static final int MXCSR_INITIAL = 0x1f80;

  /** Offset of the XSAVE header and of the extended region. */
  static final int HEADER = 512;

  static final int EXTENDED = 576;
  private static final int PKRU_OFFSET = 2688;
  private static final int AVX_SIZE = 256;

  /** Bytes of the largest image, rounded up to whole quadwords. */
  static final int SIZE = PKRU_OFFSET + 8;

  /** The image; index is the byte offset divided by eight. */
  final long[] words = new long[SIZE / 8];

  /** The core's PKRU, which lives with the paging unit. */
  interface ProtectionKeys {
    /** Current value. */
    int get(Core c);

    /** Sets it. */
    void set(Core c, int value);
  }

  private final ProtectionKeys keys;

  StateImage(ProtectionKeys keys) {
    this.keys = keys;
  }

  /** Byte offset of component {@code i} given XCOMP_BV, or of the standard form when it is 0. */
  static int offset(int component, long compaction) {
    if (component == 2) {
      return EXTENDED;
    }
    if (compaction == 0) {
      return PKRU_OFFSET;
    }
    return EXTENDED + ((compaction & AVX) != 0 ? AVX_SIZE : 0);
  }

  /** Components that are not in their initial configuration (XINUSE). */
  int inUse(Core c) {
    FpuState f = c.fpu;
    int used = 0;
    long x87 = f.lastInstruction | f.lastData | f.lastOpcode | f.statusWord() | f.used;
    for (int i = 0; i < 8; i++) {
      x87 |= f.significand[i] | f.signExponent[i];
    }
    if (x87 != 0 || f.control != 0x37f) {
      used |= X87;
    }
    long low = 0;
    long high = 0;
    for (int i = 0; i < 64; i += 4) {
      low |= c.vec[i] | c.vec[i + 1];
      high |= c.vec[i + 2] | c.vec[i + 3];
    }
    used |= low != 0 ? SSE : 0;
    used |= high != 0 ? AVX : 0;
    return used | (keys.get(c) != 0 ? PKRU : 0);
  }

  /** Collects the x87 state; pointers are 64-bit when {@code wide}. */
  void collectX87(Core c, boolean wide) {
    FpuState f = c.fpu;
    words[0] =
        f.control | (long) f.statusWord() << 16 | (long) f.used << 32 | (long) f.lastOpcode << 48;
    words[1] = wide ? f.lastInstruction : f.lastInstruction & 0xffff_ffffL;
    words[2] = wide ? f.lastData : f.lastData & 0xffff_ffffL;
    for (int i = 0; i < 8; i++) {
      int r = f.physical(i);
      words[4 + 2 * i] = f.significand[r];
      words[5 + 2 * i] = f.signExponent[r];
    }
  }

  /** MXCSR and its mask, bytes 24 to 31. */
  void collectMxcsr(Core c) {
    words[3] = c.mxcsr | (long) MXCSR_MASK << 32;
  }

  /** The low halves of the first {@code count} vector registers. */
  void collectXmm(Core c, int count) {
    for (int i = 0; i < count; i++) {
      words[20 + 2 * i] = c.vec[4 * i];
      words[21 + 2 * i] = c.vec[4 * i + 1];
    }
  }

  /** The high halves of the first {@code count} vector registers. */
  void collectAvx(Core c, int count, int offset) {
    for (int i = 0; i < count; i++) {
      words[offset / 8 + 2 * i] = c.vec[4 * i + 2];
      words[offset / 8 + 2 * i + 1] = c.vec[4 * i + 3];
    }
  }

  void collectPkru(Core c, int offset) {
    words[offset / 8] = keys.get(c) & 0xffff_ffffL;
  }

  void applyX87(Core c, boolean wide) {
    FpuState f = c.fpu;
    long w = words[0];
    f.control = (int) w & 0x1f7f | 0x40;
    f.setStatusWord((int) (w >>> 16));
    f.used = (int) (w >>> 32) & 0xff;
    f.lastOpcode = (int) (w >>> 48) & 0x7ff;
    f.lastInstruction = wide ? words[1] : words[1] & 0xffff_ffffL;
    f.lastData = wide ? words[2] : words[2] & 0xffff_ffffL;
    for (int i = 0; i < 8; i++) {
      int r = f.physical(i);
      f.significand[r] = words[4 + 2 * i];
      f.signExponent[r] = (int) words[5 + 2 * i] & 0xffff;
    }
  }

  /** MXCSR of the image; the caller has checked {@link #mxcsrValid}. */
  int mxcsr() {
    return (int) words[3];
  }

  boolean mxcsrValid() {
    return (mxcsr() & ~MXCSR_MASK) == 0;
  }

  void applyXmm(Core c, int count) {
    for (int i = 0; i < count; i++) {
      c.vec[4 * i] = words[20 + 2 * i];
      c.vec[4 * i + 1] = words[21 + 2 * i];
    }
  }

  void applyAvx(Core c, int count, int offset) {
    for (int i = 0; i < count; i++) {
      c.vec[4 * i + 2] = words[offset / 8 + 2 * i];
      c.vec[4 * i + 3] = words[offset / 8 + 2 * i + 1];
    }
  }

  void applyPkru(Core c, int offset) {
    keys.set(c, (int) words[offset / 8]);
  }

  /** Puts the components of {@code mask} into their initial configuration. */
  void initialize(Core c, int mask, int registers) {
    if ((mask & X87) != 0) {
      c.fpu.reset();
    }
    if ((mask & (SSE | AVX)) != 0) {
      for (int i = 0; i < 4 * registers; i++) {
        if ((mask & ((i & 2) == 0 ? SSE : AVX)) != 0) {
          c.vec[i] = 0;
        }
      }
    }
    if ((mask & PKRU) != 0) {
      keys.set(c, 0);
    }
  }

  /** Fills {@code count} quadwords from memory. */
  void load(Core c, long address, int byteOffset, int bytes) {
    for (int k = 0; k < bytes; k += 8) {
      words[(byteOffset + k) / 8] = c.load64(address + byteOffset + k);
    }
  }

  /** Stores {@code bytes} bytes at {@code byteOffset}. */
  void store(Core c, long address, int byteOffset, int bytes) {
    for (int k = 0; k < bytes; k += 8) {
      c.store64(address + byteOffset + k, words[(byteOffset + k) / 8]);
    }
  }

  /** Clears the image. */
  void clear() {
    Arrays.fill(words, 0);
  }
}
