package org.swtdx.tdxmodule.platform;

/** Page sizes, numbered as levels are in the ABI: 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB. */
public final class PageSize {
  /** Level numbers. */
  public static final int LEVEL_4K = 0, LEVEL_2M = 1, LEVEL_1G = 2;

  private PageSize() {}

  /** Bytes that one entry of {@code level} covers. */
  public static long bytes(int level) {
    return 1L << shift(level);
  }

  /** Base-2 logarithm of {@link #bytes}. */
  public static int shift(int level) {
    return 12 + 9 * level;
  }
}
