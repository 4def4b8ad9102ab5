package org.swtdx.cpu.core;

import java.util.Arrays;

/**
 * Layout of a software TLB: a direct-mapped array of entries of four longs, by linear page. A tag
 * is the page's linear address, so a probe is one compare; {@link #INVALID} matches no page.
 */
public final class Tlb {
  /**
   * Entries of one TLB: 4 MiB of pages, so that buffers 2 MiB apart, as copies like to have them,
   * don't evict each other on every access. Folding higher bits into the index costs more.
   */
  public static final int ENTRIES = 1024;

  /** Offset in an entry: tag for reads. */
  public static final int READ = 0;

  /** Offset in an entry: tag for writes. */
  public static final int WRITE = 1;

  /** Offset in an entry: native address minus linear address. */
  public static final int ADDEND = 2;

  /** Offset in an entry: host physical frame (no KeyID), for invalidation by frame. */
  public static final int FRAME = 3;

  /** A tag that no page has. */
  public static final long INVALID = -1;

  /** Mask of a linear page address. */
  public static final long PAGE = -4096L;

  /** Which TLB: supervisor accesses with SMAP in force. */
  public static final int SUPERVISOR = 0;

  /** Which TLB: supervisor accesses that may reach user pages. */
  public static final int SUPERVISOR_ANY = 1;

  /** Which TLB: user accesses. */
  public static final int USER = 2;

  /** Which TLB: user accesses under alignment checking; it stays empty. */
  public static final int USER_CHECKED = 3;

  private static final int MASK = ENTRIES - 1 << 2;

  private Tlb() {}

  /** Returns an empty TLB. */
  public static long[] create() {
    long[] tlb = new long[ENTRIES * 4];
    clear(tlb);
    return tlb;
  }

  /** Index of the entry that could hold the page of {@code linear}. */
  public static int index(long linear) {
    return (int) (linear >>> 10) & MASK;
  }

  /** Empties a TLB. */
  public static void clear(long[] tlb) {
    Arrays.fill(tlb, INVALID);
  }

  /** Drops the entry of the page of {@code linear}. */
  public static void clear(long[] tlb, long linear) {
    int i = index(linear);
    if (tlb[i] == (linear & PAGE) || tlb[i + WRITE] == (linear & PAGE)) {
      tlb[i] = INVALID;
      tlb[i + WRITE] = INVALID;
    }
  }
}
