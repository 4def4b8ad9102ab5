package org.swtdx.kvm;

import org.swtdx.cpu.CpuState;

/**
 * Translates linear addresses through a guest's own page tables. Permissions are not checked: the
 * processor did, or a debugger does not care.
 */
final class LinearTranslation {
  /** No translation. */
  static final long NONE = -1;

  private static final int EFER = 0xc000_0080;
  private static final long PRESENT = 1;
  private static final long LARGE = 1 << 7;
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  private final CpuState state;
  private final Loader loader;
  private final long[] pointers = new long[4];

  /** Reads guest physical memory. */
  @FunctionalInterface
  interface Loader {
    /** Returns four or eight bytes, aligned; 0 where there is no memory. */
    long load(long gpa, int size);
  }

  LinearTranslation(CpuState state, Loader loader) {
    this.state = state;
    this.loader = loader;
  }

  /** The guest physical address of {@code linear}, or {@link #NONE}. */
  long translate(long linear) {
    if ((state.cr(0) & 1L << 31) == 0) {
      return linear & 0xffff_ffffL;
    }
    if ((state.cr(4) & 1 << 5) == 0) {
      return twoLevels(linear & 0xffff_ffffL);
    }
    boolean longMode = (state.msr(EFER) & 1 << 10) != 0;
    int levels = !longMode ? 2 : (state.cr(4) & 1 << 12) != 0 ? 5 : 4;
    long address = longMode ? linear : linear & 0xffff_ffffL;
    long root = longMode ? state.cr(3) | PRESENT : pointer((int) (address >>> 30));
    if ((root & PRESENT) == 0) {
      return NONE;
    }
    long table = root & ADDRESS;
    for (int level = levels; level > 0; level--) {
      int shift = 3 + 9 * level;
      long entry = loader.load(table + 8 * (address >>> shift & 0x1ff), 8);
      if ((entry & PRESENT) == 0) {
        return NONE;
      }
      if (level == 1 || level < 4 && (entry & LARGE) != 0) {
        long offset = (1L << shift) - 1;
        return entry & ADDRESS & ~offset | address & offset;
      }
      table = entry & ADDRESS;
    }
    return NONE;
  }

  /** A page-directory pointer of PAE paging. */
  private long pointer(int index) {
    return state.readPdptes(pointers)
        ? pointers[index]
        : loader.load((state.cr(3) & 0xffff_ffe0L) + 8L * index, 8);
  }

  private long twoLevels(long linear) {
    long entry = loader.load((state.cr(3) & 0xffff_f000L) + 4 * (linear >>> 22), 4);
    if ((entry & PRESENT) == 0) {
      return NONE;
    }
    if ((entry & LARGE) != 0 && (state.cr(4) & 1 << 4) != 0) {
      return (entry >>> 13 & 0xff) << 32 | entry & 0xffc0_0000L | linear & 0x3f_ffff;
    }
    entry = loader.load((entry & 0xffff_f000L) + 4 * (linear >>> 12 & 0x3ff), 4);
    return (entry & PRESENT) == 0 ? NONE : entry & 0xffff_f000L | linear & 0xfff;
  }
}
